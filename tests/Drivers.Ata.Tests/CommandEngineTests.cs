using GuestOS.Machine;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Registers;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>What the command engine makes of registers that say what no drive model says. Statuses: 40 DRDY, 08 DRQ, 01 ERR, 80 BSY; 7F and FF no drive.</summary>
public sealed class CommandEngineTests
{
    private const byte Ready = 0x50;
    private const byte WantsData = 0x58;
    private const byte Failed = 0x51;
    private const byte Busy = 0xD0;
    private const byte Absent = 0x7F;

    private readonly Drive _drive = new();
    private readonly AtaCommand _command = new();
    private readonly ChannelCounters _counters = new();
    private readonly CommandEngine _engine;

    public CommandEngineTests() => _engine = new CommandEngine(
        new IdeRegisters(_drive.Command, _drive.Control), new BusMaster(_drive.BusMaster, 0, new SimulatedMemory(new Random(1))), _counters);

    [Theory]
    [InlineData(Ready, 4, "Good")]
    [InlineData(Ready, 5, "Short")]
    [InlineData(Ready, 6, "DmaError")]
    [InlineData(WantsData, 4, "Protocol")]
    [InlineData(Failed, 4, "DeviceError")]
    [InlineData(Failed, 6, "DmaError")]
    [InlineData(Absent, 4, "Gone")]
    public void An_interrupt_ends_DMA_as_drive_and_bus_master_say(byte status, byte busMaster, string kind)
    {
        StartDma();
        (_drive.Status, _drive.BusMasterStatus) = (status, busMaster);

        Assert.True(_engine.Interrupt());

        AssertEnd(kind, 0);
        Assert.Equal(0, _drive.BusMasterCommand & 1);
    }

    [Fact]
    public void An_interrupt_during_DMA_of_a_busy_drive_is_taken_from_the_line_and_nothing_else()
    {
        StartDma();
        (_drive.Status, _drive.BusMasterStatus) = (Busy, 4);

        Assert.True(_engine.Interrupt());

        Assert.False(_engine.IsFinished);
        Assert.Equal((1, 0), (_counters.Spurious, _drive.BusMasterStatus & 4));
        (_drive.Status, _drive.BusMasterStatus) = (Ready, 4);
        Assert.True(_engine.Interrupt());
        AssertEnd("Good", 0);
    }

    [Theory]
    [InlineData(Absent, 1, "Gone")]
    [InlineData(Busy, 3, "DmaError")]
    [InlineData(Busy, 1, null)]
    [InlineData(WantsData, 1, null)]
    [InlineData(Failed, 1, "DeviceError")]
    [InlineData(Ready, 0, "Good")]
    public void A_poll_ends_DMA_only_where_nothing_moves_any_more(byte status, byte busMaster, string? kind)
    {
        StartDma();
        (_drive.Status, _drive.BusMasterStatus) = (status, busMaster);

        _engine.Poll();

        if (kind is null)
            Assert.False(_engine.IsFinished);
        else
            AssertEnd(kind, 0);
    }

    [Theory]
    [InlineData(Busy, "Timeout")]
    [InlineData(Absent, "Gone")]
    public void A_command_whose_time_is_over_ends_by_what_is_there_still(byte status, string kind)
    {
        StartDma();
        _drive.Status = status;

        _engine.Expire(OutcomeKind.Timeout, "too late");

        AssertEnd(kind, 0);
        Assert.Equal(0, _drive.BusMasterCommand & 1);
    }

    [Theory]
    [InlineData(Absent, "Gone")]
    [InlineData(WantsData, "Protocol")]
    public void A_drive_that_cannot_be_selected_gets_no_command(byte status, string kind)
    {
        _drive.Status = status;

        StartPioRead();

        AssertEnd(kind, 0);
        Assert.Empty(_drive.Commands);
    }

    [Theory]
    [InlineData(Absent, "Gone")]
    [InlineData(Failed, "DeviceError")]
    [InlineData(Ready, "Short")]
    public void A_read_by_PIO_that_has_no_data_ends(byte status, string kind)
    {
        StartPioRead();
        _drive.Status = status;

        Assert.True(_engine.Interrupt());

        AssertEnd(kind, 0);
    }

    [Theory]
    [InlineData(Ready, "Good")]
    [InlineData(Failed, "DeviceError")]
    [InlineData(WantsData, "Protocol")]
    [InlineData(Busy, "Protocol")]
    public void A_read_by_PIO_ends_as_the_drive_says_behind_the_last_block(byte after, string kind)
    {
        StartPioRead();
        (_drive.Status, _drive.StatusAfterData) = (WantsData, after);

        Assert.True(_engine.Interrupt());

        AssertEnd(kind, 512);
    }

    [Theory]
    [InlineData(Ready, "Good")]
    [InlineData(WantsData, "Protocol")]
    public void A_command_without_data_ends_well_only_without_any(byte status, string kind)
    {
        _command.SetControl(AtaOpcode.SetFeatures, CommandProtocol.NonData, 0, TimeSpan.FromSeconds(1));
        _engine.Start(_command);
        _drive.Status = status;

        Assert.True(_engine.Interrupt());

        AssertEnd(kind, 0);
    }

    [Theory]
    [InlineData(Absent, "Gone")]
    [InlineData(Failed, "DeviceError")]
    public void A_drive_that_never_asks_for_the_packet_gets_none(byte status, string kind)
    {
        StartPacket(new byte[8]);
        _drive.Status = status;

        _engine.Poll();

        AssertEnd(kind, 0);
        Assert.Equal(0, _drive.WordsWritten);
    }

    [Fact]
    public void An_interrupt_before_the_drive_asks_for_the_packet_is_not_claimed()
    {
        StartPacket(new byte[8], interrupts: true);

        Assert.False(_engine.Interrupt());

        _drive.Status = WantsData;
        Assert.True(_engine.Interrupt());
        Assert.Equal(6, _drive.WordsWritten);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 8)]
    [InlineData(0, 8)]
    [InlineData(2, 0)]
    public void A_data_phase_of_a_packet_command_needs_the_right_reason_and_a_count(byte reason, int count)
    {
        StartPacketData(new byte[8]);
        (_drive.Reason, _drive.ByteCount) = (reason, count);

        Assert.True(_engine.Interrupt());

        AssertEnd("Protocol", 0);
    }

    [Theory]
    [InlineData(5, 5, 6, "Good")]
    [InlineData(5, 9, 10, "Protocol")]
    [InlineData(8, 8, 8, "Good")]
    public void An_odd_last_byte_comes_in_a_whole_word_and_what_is_too_much_is_dropped(int asked, int count, int taken, string kind)
    {
        var data = new byte[9];
        StartPacketData(data.AsMemory(0, asked));
        (_drive.Reason, _drive.ByteCount) = (2, count);

        Assert.True(_engine.Interrupt());
        if (!_engine.IsFinished)
        {
            _drive.Status = Ready;
            Assert.True(_engine.Interrupt());
        }

        AssertEnd(kind, asked);
        Assert.Equal(taken, _drive.BytesRead);
        Assert.Equal([.. Enumerable.Range(1, asked).Select(i => (byte)i), .. new byte[9 - asked]], data);
    }

    private void StartDma()
    {
        _command.SetTransfer(AtaOpcode.ReadDma, CommandProtocol.DmaIn, 0, extended: false, 7, 1, 512, TimeSpan.FromSeconds(1));
        _engine.Start(_command);
        Assert.Equal([0xC8], _drive.Commands);
        Assert.Equal(1, _drive.BusMasterCommand & 1);
    }

    private void StartPioRead()
    {
        _command.SetTransfer(AtaOpcode.ReadSectors, CommandProtocol.PioIn, 1, extended: false, 7, 1, 512, TimeSpan.FromSeconds(1));
        _command.SetPio(new byte[512], 512);
        _engine.Start(_command);
    }

    private void StartPacket(Memory<byte> reply, bool interrupts = false)
    {
        _command.SetPacket(CommandProtocol.PacketPioIn, 0, 12, interrupts, reply.Length, 0, TimeSpan.FromSeconds(1));
        _command.SetPio(reply, reply.Length);
        _engine.Start(_command);
        Assert.Equal([0xA0], _drive.Commands);
    }

    private void StartPacketData(Memory<byte> reply)
    {
        StartPacket(reply);
        _drive.Status = WantsData;
        _engine.Poll();
        Assert.Equal(6, _drive.WordsWritten);
    }

    private void AssertEnd(string kind, int transferred)
    {
        Assert.True(_engine.IsFinished, "The command has not ended.");
        var outcome = _engine.TakeOutcome();
        Assert.Equal((kind, kind == "Good" && _command.IsDma ? 512 : transferred), (outcome.Kind.ToString(), outcome.Transferred));
        Assert.True(_engine.IsIdle);
    }

    /// <summary>A drive and a bus master that say what they are told to.</summary>
    private sealed class Drive
    {
        private byte _next = 1;

        public Drive()
        {
            Command = Window(8, ReadCommandBlock, WriteCommandBlock);
            Control = Window(1, (_, _) => Status, static (_, _, _) => { });
            BusMaster = Window(8, (offset, _) => offset == 2 ? BusMasterStatus : 0u, WriteBusMaster);
        }

        public IRegisterWindow Command { get; }

        public IRegisterWindow Control { get; }

        public IRegisterWindow BusMaster { get; }

        public byte Status { get; set; } = Ready;

        /// <summary>The status once data was read.</summary>
        public byte? StatusAfterData { get; set; }

        public byte Reason { get; set; }

        public int ByteCount { get; set; }

        public byte BusMasterStatus { get; set; }

        public byte BusMasterCommand { get; private set; }

        public List<byte> Commands { get; } = [];

        public int WordsWritten { get; private set; }

        public int BytesRead { get; private set; }

        private static SimulatedRegisters Window(int length, Func<int, int, uint> read, Action<int, int, uint> write) =>
            new(new Target(read, write), RegisterSpace.Port, 0, 0, length);

        private uint ReadCommandBlock(int offset, int size)
        {
            if (offset != 0)
                return offset switch { 2 => Reason, 4 => (byte)ByteCount, 5 => (byte)(ByteCount >> 8), 7 => Status, _ => 0u };
            Status = StatusAfterData ?? Status;
            BytesRead += 2;
            return (uint)(_next++ | (_next++ << 8));
        }

        private void WriteCommandBlock(int offset, int size, uint value)
        {
            if (offset == 7)
                Commands.Add((byte)value);
            else if (offset == 0)
                WordsWritten++;
        }

        private void WriteBusMaster(int offset, int size, uint value)
        {
            if (offset == 0)
                BusMasterCommand = (byte)value;
            else if (offset == 2)
                BusMasterStatus &= (byte)~(value & 6);
        }
    }

    private sealed class Target(Func<int, int, uint> read, Action<int, int, uint> write) : IRegisterTarget
    {
        public uint Read(int offset, int size) => read(offset, size);

        public void Write(int offset, int size, uint value) => write(offset, size, value);
    }
}
