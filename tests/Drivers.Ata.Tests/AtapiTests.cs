using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class AtapiTests
{
    private const int BlockSize = 2048;

    private static BlockImage Disc(int seed, int blocks = 1000)
    {
        var image = new BlockImage((long)blocks * BlockSize);
        image.Fill(new Random(seed), image.Length);
        return image;
    }

    [Theory]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, false, false)]
    [InlineData(false, false, false, false)]
    [InlineData(false, false, true, false)]
    [InlineData(true, false, true, false)]
    [InlineData(false, false, false, true)]
    [InlineData(true, true, true, true)]
    public void A_disc_is_read(bool hasDma, bool pio, bool ragged, bool interruptsForPacket)
    {
        var image = Disc(5);
        var (machine, drive, model) = IdeMachine.WithDisc(image, 4, hasDma, interruptsForPacket, ("pio", pio ? "1" : "0"));
        using (machine)
        {
            model.Faults.RaggedChunks = ragged;
            Assert.Equal(hasDma && !pio ? TransferMode.Dma : TransferMode.Pio, drive.TransferMode);
            Assert.Equal(1000UL, drive.Geometry.BlockCount);
            Assert.Equal(BlockSize, drive.Geometry.BlockSize);
            Assert.True(drive.Geometry is { IsReadOnly: true, IsRemovable: true });
            foreach (var (block, count) in new[] { (0UL, 1), (16UL, 1), (17UL, 63), (100UL, 300), (999UL, 1) })
            {
                var expected = new byte[count * BlockSize];
                image.Read((long)block * BlockSize, expected);
                using var buffer = machine.Buffer(expected.Length, 6);
                Assert.True(machine.Run(drive.ReadAsync(block, buffer.Memory)).IsSuccess);
                Assert.True(buffer.GetSpan().SequenceEqual(expected));
            }

            Assert.Equal(BlockErrorKind.ReadOnly, machine.Run(drive.WriteAsync(0, new byte[BlockSize])).Error!.Kind);
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(drive.ReadAsync(999, new byte[2 * BlockSize])).Error!.Kind);
            Assert.Equal(BlockErrorKind.NotSupported, machine.Run(drive.DiscardAsync(0, 1)).Error!.Kind);
            Assert.True(machine.Run(drive.FlushAsync()).IsSuccess);
            Assert.Empty(machine.Log.Warnings);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_disc_is_ejected_and_another_one_put_in()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            var buffer = new byte[BlockSize];
            Assert.True(machine.Run(drive.ReadAsync(3, buffer)).IsSuccess);
            Assert.True(machine.Run(drive.SetLockAsync(true)).IsSuccess);
            Assert.True(machine.Run(drive.EjectAsync()).IsSuccess);
            Assert.True(model.IsTrayOpen);
            Assert.Equal(0UL, drive.Geometry.BlockCount);
            Assert.Equal(BlockErrorKind.NoMedium, machine.Run(drive.ReadAsync(3, buffer)).Error!.Kind);
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.Equal(0UL, drive.Geometry.BlockCount);

            var second = Disc(2, blocks: 500);
            model.ChangeMedium(second, spinUpQuestions: 5);
            var (status, _) = machine.Run(drive.PollMediumAsync());
            Assert.Equal(new MediumStatus(MediumEvent.NewMedium, IsPresent: true, IsTrayOpen: false), status);
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.Equal(500UL, drive.Geometry.BlockCount);
            Assert.True(machine.Run(drive.ReadAsync(3, buffer)).IsSuccess);
            var expected = new byte[BlockSize];
            second.Read(3 * BlockSize, expected);
            Assert.Equal(expected, buffer);
            machine.AssertClean();
        }
    }

    [Fact]
    public void The_tray_can_be_pulled_in_again()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            Assert.True(machine.Run(drive.EjectAsync()).IsSuccess);
            Assert.True(machine.Run(drive.LoadAsync()).IsSuccess);
            Assert.False(model.IsTrayOpen);
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.Equal(1000UL, drive.Geometry.BlockCount);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_disc_that_is_changed_by_hand_is_never_mixed_up_with_the_old_one()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            var buffer = new byte[BlockSize];
            Assert.True(machine.Run(drive.ReadAsync(0, buffer)).IsSuccess);
            model.ChangeMedium(Disc(2));
            var queued = drive.ReadAsync(1, buffer).AsTask();
            var behind = drive.ReadAsync(2, buffer).AsTask();
            Assert.Equal(BlockErrorKind.MediumChanged, machine.Run(new ValueTask<BlockResult>(queued)).Error!.Kind);
            Assert.Equal(BlockErrorKind.MediumChanged, machine.Run(new ValueTask<BlockResult>(behind)).Error!.Kind);
            Assert.Equal(BlockErrorKind.MediumChanged, machine.Run(drive.ReadAsync(3, buffer)).Error!.Kind);
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.True(machine.Run(drive.ReadAsync(3, buffer)).IsSuccess);
            machine.AssertClean();
        }
    }

    [Fact]
    public void An_empty_drive_says_so()
    {
        var (machine, drive, _) = IdeMachine.WithDisc(null);
        using (machine)
        {
            Assert.Equal(0UL, drive.Geometry.BlockCount);
            Assert.Equal(BlockErrorKind.NoMedium, machine.Run(drive.ReadAsync(0, new byte[BlockSize])).Error!.Kind);
            var (status, _) = machine.Run(drive.PollMediumAsync());
            Assert.False(status!.Value.IsPresent);
            Assert.Empty(machine.Log.Warnings);
        }
    }

    [Fact]
    public void A_disc_that_spins_up_is_waited_for_without_holding_up_the_other_drive()
    {
        IdeDiscModel? model = null;
        using var machine = new IdeMachine(2, null, ide =>
        {
            model = ide.Channels[0].Attach(1, IdeDiscModel.With(Disc(1)));
            ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
        });
        machine.Start();
        var drive = (AtapiDrive)machine.Device("ata0.1");
        var disk = machine.Device("ata0.0");
        model!.ChangeMedium(Disc(3), spinUpQuestions: 9);

        // The attention goes first, then the spin-up is met by a read.
        Assert.Equal(BlockErrorKind.MediumChanged, machine.Run(drive.ReadAsync(0, new byte[BlockSize])).Error!.Kind);
        var refreshing = drive.RefreshMediumAsync().AsTask();
        var start = machine.Clock.Elapsed;
        for (var i = 0; i < 20; i++)
            Assert.True(machine.Run(disk.ReadAsync((ulong)i, new byte[512])).IsSuccess);
        Assert.True(machine.Clock.Elapsed - start < TimeSpan.FromMilliseconds(100));
        Assert.False(refreshing.IsCompleted);
        Assert.True(machine.Run(new ValueTask<BlockResult>(refreshing)).IsSuccess);
        Assert.True(machine.Run(drive.ReadAsync(0, new byte[BlockSize])).IsSuccess);

        model.ChangeMedium(null);
        model.ChangeMedium(Disc(4));
        machine.Run(drive.RefreshMediumAsync());
        model.SpinUp(7);
        var reading = drive.ReadAsync(5, new byte[BlockSize]).AsTask();
        for (var i = 0; i < 20; i++)
            Assert.True(machine.Run(disk.ReadAsync((ulong)i, new byte[512])).IsSuccess);
        Assert.False(reading.IsCompleted);
        Assert.True(machine.Run(new ValueTask<BlockResult>(reading)).IsSuccess);
        machine.AssertClean();
    }

    [Fact]
    public void A_bad_block_is_named_with_its_sense_data()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.Faults.BadBlocks[77] = 1;
            var result = machine.Run(drive.ReadAsync(70, new byte[20 * BlockSize]));
            Assert.Equal(BlockErrorKind.MediumError, result.Error!.Kind);
            Assert.Equal("READ(10)", result.Error.Operation);
            Assert.Equal(77UL, result.Error.Block);
            Assert.Contains("sense 3/11/00 medium error", result.Error.Detail, StringComparison.Ordinal);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_packet_drive_that_hangs_or_never_asks_is_reset(bool hang)
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            if (hang)
                model.Faults.StuckBusy = 1;
            else
                model.Faults.NoDataRequest = 1;
            using var buffer = machine.Buffer(BlockSize);
            Assert.True(machine.Run(drive.ReadAsync(7, buffer.Memory)).IsSuccess);
            Assert.Equal(1, machine.Channels[1].Counters.Timeouts);
            Assert.Equal(0, buffer.PinCount);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Short_and_long_answers_are_noticed(bool isShort)
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1), options: ("pio", "1"));
        using (machine)
        {
            var expected = new byte[4 * BlockSize];
            model.Medium!.Read(0, expected);
            var buffer = new byte[expected.Length + 64];
            if (isShort)
                model.Faults.ShortTransfers = 1;
            else
                model.Faults.Overruns = 1;
            Assert.True(machine.Run(drive.ReadAsync(0, buffer.AsMemory(0, expected.Length))).IsSuccess);
            Assert.Equal(expected, buffer[..expected.Length]);
            Assert.Equal(-1, buffer.AsSpan(expected.Length).IndexOfAnyExcept((byte)0));
            Assert.Equal(1, machine.Channels[1].Counters.Retries);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_packet_drive_whose_DMA_fails_is_read_by_PIO()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.Faults.DmaStalls = 3;
            using var buffer = machine.Buffer(BlockSize);
            Assert.True(machine.Run(drive.ReadAsync(7, buffer.Memory)).IsSuccess);
            Assert.Equal(TransferMode.Pio, drive.TransferMode);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_without_media_events_is_asked_whether_it_is_ready()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.HasMediaEvents = false;
            Assert.True(machine.Run(drive.PollMediumAsync()).Status!.Value.IsPresent);
            model.ChangeMedium(Disc(2));
            Assert.Equal(MediumEvent.Changed, machine.Run(drive.PollMediumAsync()).Status!.Value.Event);
            Assert.Equal(BlockErrorKind.MediumChanged, machine.Run(drive.ReadAsync(0, new byte[BlockSize])).Error!.Kind);
            model.ChangeMedium(null);
            Assert.Equal(MediumEvent.Removal, machine.Run(drive.PollMediumAsync()).Status!.Value.Event);
        }
    }

    [Theory]
    [InlineData(2, 1, true)]
    [InlineData(1000, AtaTimeouts.Attempts - 1, false)]
    public void A_failure_that_no_sense_data_explains_is_tried_again_a_bounded_number_of_times(int aborts, int retries, bool isSuccess)
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            // The read, and the question why.
            model.Faults.Aborts = aborts;
            var result = machine.Run(drive.ReadAsync(7, new byte[BlockSize]));
            Assert.Equal(isSuccess ? null : BlockErrorKind.DeviceError, result.Error?.Kind);
            Assert.Equal(retries, machine.Channels[1].Counters.Retries);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_hangs_when_it_is_asked_why_is_reset()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            var resets = machine.Channels[1].Counters.Resets;
            var packets = 0;
            model.Faults.Plan = (faults, command) =>
            {
                packets += command == 0xA0 ? 1 : 0;
                faults.Aborts = packets == 1 ? 1 : 0;
                faults.StuckBusy = packets == 2 && command == 0xA0 ? 1 : 0;
            };
            Assert.True(machine.Run(drive.ReadAsync(7, new byte[BlockSize])).IsSuccess);
            Assert.Equal(1, machine.Channels[1].Counters.Resets - resets);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Questions_to_a_drive_that_hangs_end_with_a_time_out_and_it_is_reset()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.Faults.Plan = static (faults, command) => faults.StuckBusy = command == 0xA0 ? 1 : 0;
            Assert.Equal(BlockErrorKind.Timeout, machine.Run(drive.RefreshMediumAsync()).Error!.Kind);
            Assert.Equal(BlockErrorKind.Timeout, machine.Run(drive.SetLockAsync(true)).Error!.Kind);
            Assert.Equal(BlockErrorKind.Timeout, machine.Run(drive.EjectAsync()).Error!.Kind);
            var (status, result) = machine.Run(drive.PollMediumAsync());
            Assert.Equal((null, BlockErrorKind.Timeout), (status, result.Error!.Kind));
            model.Faults.Plan = null;
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.True(machine.Run(drive.ReadAsync(7, new byte[BlockSize])).IsSuccess);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_was_pulled_out_is_gone_for_every_question()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.Faults.Vanished = true;
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.RefreshMediumAsync()).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.SetLockAsync(true)).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.EjectAsync()).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.PollMediumAsync()).Result.Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.SetTransferModeAsync(TransferMode.Pio)).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(drive.ReadAsync(7, new byte[BlockSize])).Error!.Kind);
        }
    }

    [Fact]
    public void A_capacity_in_raw_sectors_is_read_as_one_in_blocks()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.ReportedBlockSize = 2352;
            Assert.True(machine.Run(drive.RefreshMediumAsync()).IsSuccess);
            Assert.Equal((BlockSize, 1000UL), (drive.Geometry.BlockSize, drive.Geometry.BlockCount));
            Assert.Contains(machine.Log.Warnings, line => line.Contains("blocks of 2352 bytes; 2048 assumed", StringComparison.Ordinal));
            Assert.True(machine.Run(drive.ReadAsync(999, new byte[BlockSize])).IsSuccess);
        }
    }

    [Fact]
    public void A_read_that_waited_while_a_disc_with_other_blocks_came_in_is_refused()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(Disc(1));
        using (machine)
        {
            model.ChangeMedium(Disc(2));
            model.ReportedBlockSize = 512;
            var refreshing = drive.RefreshMediumAsync().AsTask();
            var reading = drive.ReadAsync(3, new byte[BlockSize]).AsTask();
            Assert.True(machine.Run(new ValueTask<BlockResult>(refreshing)).IsSuccess);
            var error = machine.Run(new ValueTask<BlockResult>(reading)).Error;
            Assert.Equal(BlockErrorKind.MediumChanged, error!.Kind);
            Assert.Contains("other blocks", error.Detail, StringComparison.Ordinal);
            Assert.Equal(0, model.Reads);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Long_counts_need_the_twelve_byte_command()
    {
        Span<byte> packet = stackalloc byte[12];
        PacketCommands.Read(packet, 0x01020304, 0xFFFF);
        Assert.Equal([0x28, 0, 1, 2, 3, 4, 0, 0xFF, 0xFF, 0, 0, 0], packet.ToArray());
        packet.Clear();
        PacketCommands.Read(packet, 0x01020304, 0x10000);
        Assert.Equal([0xA8, 0, 1, 2, 3, 4, 0, 1, 0, 0, 0, 0], packet.ToArray());
    }
}
