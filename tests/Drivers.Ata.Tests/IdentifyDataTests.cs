using System.Numerics;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class IdentifyDataTests
{
    private static readonly IdeDiskOptions Plain = new() { BlockCount = 123_456_789, BlockSize = 4096, MaximumMultiple = 8, Model = "A disk", Serial = "123" };

    [Fact]
    public void A_plain_answer_is_read()
    {
        Assert.True(IdentifyData.TryRead(IdentifyBuilder.Disk(Plain, 0, 0x42), packet: false, out var identify, out var problem));
        Assert.Null(problem);
        Assert.Equal(("A disk", "123", "1.0"), (identify!.Model, identify.Serial, identify.Firmware));
        Assert.Equal((123_456_789UL, 4096, 4096), (identify.BlockCount, identify.BlockSize, identify.PhysicalBlockSize));
        Assert.True(identify is { HasLba48: true, HasDma: true, HasFlush: true, HasFlushExt: true, HasTrim: true, HasWriteCache: true, IsPacket: false });
        Assert.Equal((8, 0x07, 0x3F, 0x04, 0x00), (identify.MaximumMultiple, identify.MultiwordModes, identify.UltraModes, identify.UltraSelected, identify.MultiwordSelected));
        Assert.Null(identify.Oddity);
        Assert.Equal("UDMA2", DmaModes.NameSelected(identify));
    }

    [Fact]
    public void The_answer_of_a_disk_with_512e_has_large_physical_blocks()
    {
        Assert.True(IdentifyData.TryRead(IdentifyBuilder.Disk(new IdeDiskOptions { PhysicalExponent = 3 }, 0, 0), false, out var identify, out _));
        Assert.Equal((512, 4096), (identify!.BlockSize, identify.PhysicalBlockSize));
    }

    [Fact]
    public void Answers_of_the_wrong_kind_are_refused()
    {
        var disk = IdentifyBuilder.Disk(Plain, 0, 0);
        var packet = IdentifyBuilder.Packet("M", "S", true, false, 0);
        Assert.False(IdentifyData.TryRead(disk, packet: true, out _, out _));
        Assert.False(IdentifyData.TryRead(packet, packet: false, out _, out _));
        Assert.False(IdentifyData.TryRead(disk.AsSpan(0, 511), false, out _, out var problem));
        Assert.Equal("only 511 bytes", problem);
        disk[99] &= 0xFD;
        Assert.False(IdentifyData.TryRead(disk, false, out _, out problem));
        Assert.Contains("no LBA", problem, StringComparison.Ordinal);
        Assert.False(IdentifyData.TryRead(new byte[512], false, out _, out _));
    }

    [Fact]
    public void A_packet_drive_says_how_it_wants_its_packets()
    {
        Assert.True(IdentifyData.TryRead(IdentifyBuilder.Packet("CD", "1", true, interruptsForPacket: true, 0x22), true, out var identify, out _));
        Assert.True(identify is { IsPacket: true, PacketInterrupts: true, PacketSize: 12, IsRemovable: true, HasDma: true });
        Assert.Equal("MWDMA2", DmaModes.NameSelected(identify!));
    }

    /// <summary>Whatever a drive answers: no exception, and nothing that the rest of the driver could not bear.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_answer_gives_bearable_numbers(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var accepted = 0;
        for (var round = 0; round < 8_000; round++)
        {
            var packet = random.Next(4) == 0;
            var data = packet ? IdentifyBuilder.Packet("CD", "1", true, true, 0x22) : IdentifyBuilder.Disk(Plain, 0, 0x42);
            if (random.Next(3) == 0)
                random.NextBytes(data);
            for (var i = random.Next(24); i > 0; i--)
                data[random.Next(data.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            if (!IdentifyData.TryRead(data, packet, out var identify, out var problem))
            {
                Assert.NotNull(problem);
                continue;
            }

            accepted++;
            Assert.NotNull(identify);
            Assert.Equal(packet, identify.IsPacket);
            Assert.InRange(identify.BlockSize, 512, 4096);
            Assert.True(BitOperations.IsPow2(identify.BlockSize));
            Assert.InRange(identify.PhysicalBlockSize, identify.BlockSize, 4096 << 8);
            Assert.True(packet || identify.BlockCount is > 0);
            Assert.True(identify.BlockCount <= (identify.HasLba48 ? IdentifyData.Lba48Blocks : IdentifyData.Lba28Blocks));
            Assert.True(identify.MaximumMultiple is >= 0 and <= 128 && (identify.MaximumMultiple == 0 || BitOperations.IsPow2(identify.MaximumMultiple)));
            Assert.True(identify.PacketSize is 0 or 12 or 16);
            Assert.All(identify.Model + identify.Serial + identify.Firmware, character => Assert.InRange(character, ' ', '~'));
            if (identify.HasDma)
            {
                Assert.NotEmpty(DmaModes.NameSelected(identify));
                Assert.InRange(DmaModes.SafeMode(identify), 0x20, 0x47);
            }
        }

        Assert.InRange(accepted, 800, 7_960);
    }

    [Fact]
    public void Sense_data_of_any_shape_is_read_or_refused()
    {
        var random = new Random(5);
        var data = new byte[64];
        for (var round = 0; round < 20_000; round++)
        {
            random.NextBytes(data);
            if (random.Next(2) == 0)
                data[0] = 0x70;
            var part = data.AsSpan(0, random.Next(data.Length));
            if (ScsiSense.TryRead(part, out var sense))
            {
                Assert.InRange(sense.Key, 0, 15);
                Assert.NotEmpty(sense.ToString());
            }

            _ = MediumEventReader.TryRead(part, out _);
        }

        Assert.True(ScsiSense.TryRead(Convert.FromHexString("F0000300001234" + "0A" + "00000000" + "1105" + "00000000"), out var known));
        Assert.Equal(new ScsiSense(3, 0x11, 5, 0x1234), known);
        Assert.Equal("sense 3/11/05 medium error", known.ToString());
    }
}
