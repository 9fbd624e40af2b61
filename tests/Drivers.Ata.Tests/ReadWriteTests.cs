using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class ReadWriteTests
{
    public static TheoryData<bool, int, bool, bool> Kinds => new()
    {
        { false, 512, true, false },
        { false, 512, false, false },
        { false, 4096, true, false },
        { true, 512, true, false },
        { true, 512, false, false },
        { true, 4096, true, false },
        { false, 512, true, true },
        { true, 4096, true, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_read_back_and_is_on_the_medium(bool pio, int blockSize, bool lba48, bool native)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(
            new IdeDiskOptions { BlockSize = blockSize, HasLba48 = lba48 }, seed: 7,
            new IdeControllerOptions { IsNative = native }, ("pio", pio ? "1" : "0"));
        using (machine)
        {
            Assert.Equal(pio ? TransferMode.Pio : TransferMode.Dma, disk.TransferMode);
            Assert.Equal(blockSize, disk.Geometry.BlockSize);
            foreach (var (block, count) in new[] { (0UL, 1), (63UL, 7), (1000UL, 256), (4000UL, 257), (9000UL, 700), (65535UL, 1) })
            {
                using var source = machine.Buffer(count * blockSize);
                Assert.True(machine.Run(disk.WriteAsync(block, source.Memory)).IsSuccess);
                var onMedium = new byte[count * blockSize];
                model.Image.Read((long)block * blockSize, onMedium);
                Assert.True(source.GetSpan().SequenceEqual(onMedium));
                using var destination = machine.Buffer(count * blockSize);
                Assert.True(machine.Run(disk.ReadAsync(block, destination.Memory)).IsSuccess);
                Assert.True(source.GetSpan().SequenceEqual(destination.GetSpan()));
                Assert.Equal(0, destination.PinCount);
            }

            machine.AssertClean();
            Assert.Empty(machine.Log.Warnings);
        }
    }

    [Theory]
    [InlineData(0, PagePlacement.Contiguous, false)]
    [InlineData(2, PagePlacement.Scattered, false)]
    [InlineData(1, PagePlacement.Scattered, true)]
    [InlineData(0, PagePlacement.High, true)]
    public void Memory_that_the_controller_cannot_reach_goes_through_the_bounce_buffer(int offset, PagePlacement placement, bool bounces)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var source = machine.Buffer(300 * 512, offset, placement);
            Assert.True(machine.Run(disk.WriteAsync(10, source.Memory)).IsSuccess);
            using var destination = machine.Buffer(300 * 512, offset, placement);
            Assert.True(machine.Run(disk.ReadAsync(10, destination.Memory)).IsSuccess);
            Assert.True(source.GetSpan().SequenceEqual(destination.GetSpan()));
            Assert.Equal(bounces, machine.Channels[0].BusMaster!.Bounces != 0);
            var onMedium = new byte[300 * 512];
            model.Image.Read(10 * 512, onMedium);
            Assert.True(source.GetSpan().SequenceEqual(onMedium));
            machine.AssertClean();
        }
    }

    [Fact]
    public void An_ordinary_array_that_cannot_be_mapped_is_bounced()
    {
        var (machine, disk, _) = IdeMachine.WithDisk();
        using (machine)
        {
            var source = machine.Bytes(200 * 512);
            Assert.True(machine.Run(disk.WriteAsync(3, source)).IsSuccess);
            var destination = new byte[source.Length];
            Assert.True(machine.Run(disk.ReadAsync(3, destination)).IsSuccess);
            Assert.Equal(source, destination);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_transfer_longer_than_the_table_takes_several_commands()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            const int Length = 5 * 1024 * 1024;
            using var source = machine.Buffer(Length, 2);
            model.Commands.Clear();
            Assert.True(machine.Run(disk.WriteAsync(100, source.Memory)).IsSuccess);
            Assert.Equal(3, model.Commands.Count);
            Assert.All(model.Commands, command => Assert.Equal(0x35, command));
            using var destination = machine.Buffer(Length, 2);
            Assert.True(machine.Run(disk.ReadAsync(100, destination.Memory)).IsSuccess);
            Assert.True(source.GetSpan().SequenceEqual(destination.GetSpan()));
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_disk_of_3_TiB_is_addressed_past_2_TiB_with_48_bits_and_below_128_GiB_with_28()
    {
        const ulong Blocks = 3UL << 31;
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = Blocks });
        using (machine)
        {
            Assert.Equal(Blocks, disk.Geometry.BlockCount);
            foreach (var (block, extended) in new[] { (5UL, false), ((1UL << 28) - 16, true), ((1UL << 28) - 17, false), (1UL << 32, true), (Blocks - 16, true) })
            {
                model.Commands.Clear();
                using var source = machine.Buffer(16 * 512);
                Assert.True(machine.Run(disk.WriteAsync(block, source.Memory)).IsSuccess);
                Assert.Equal(extended ? 0x35 : 0xCA, Assert.Single(model.Commands));
                var onMedium = new byte[16 * 512];
                model.Image.Read((long)block * 512, onMedium);
                Assert.True(source.GetSpan().SequenceEqual(onMedium));
            }

            machine.AssertClean();
        }
    }

    [Fact]
    public void Commands_that_follow_each_other_across_a_change_of_the_high_address_bits_land_where_they_should()
    {
        // A drive counts LBA 27:24 up in the device register while it executes a command.
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = 1UL << 26, HasLba48 = false });
        using (machine)
        {
            foreach (var block in new[] { (1UL << 24) - 8, (1UL << 24) - 16, 1UL << 24, (1UL << 24) - 8, 1UL << 25 })
            {
                using var source = machine.Buffer(8 * 512);
                Assert.True(machine.Run(disk.WriteAsync(block, source.Memory)).IsSuccess);
                var onMedium = new byte[8 * 512];
                model.Image.Read((long)block * 512, onMedium);
                Assert.True(source.GetSpan().SequenceEqual(onMedium));
            }

            machine.AssertClean();
        }
    }

    [Fact]
    public void Requests_outside_the_disk_are_refused_and_say_why()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = 5UL << 30, HasLba48 = false });
        using (machine)
        {
            // 28 bits hold no such number; the drive reports what it can.
            Assert.Equal(0x0FFF_FFFFUL, disk.Geometry.BlockCount);
            model.Commands.Clear();
            var buffer = new byte[1024];
            var beyond = machine.Run(disk.ReadAsync(5UL << 32, buffer));
            Assert.Equal(BlockErrorKind.InvalidRequest, beyond.Error!.Kind);
            Assert.Contains("268435455 blocks", beyond.Error.Detail, StringComparison.Ordinal);
            Assert.Contains("28-bit addresses only", beyond.Error.Detail, StringComparison.Ordinal);
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(disk.ReadAsync(0x0FFF_FFFE, buffer)).Error!.Kind);
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(disk.WriteAsync(0, buffer.AsMemory(0, 100))).Error!.Kind);
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(disk.ReadAsync(0, Memory<byte>.Empty)).Error!.Kind);
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(disk.ReadAsync(ulong.MaxValue, buffer)).Error!.Kind);
            Assert.Empty(model.Commands);
        }
    }

    [Fact]
    public void A_controller_without_bus_master_works_by_PIO()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(controller: new IdeControllerOptions { HasBusMaster = false });
        using (machine)
        {
            Assert.Equal(TransferMode.Pio, disk.TransferMode);
            using var source = machine.Buffer(100 * 512, 1);
            model.Commands.Clear();
            Assert.True(machine.Run(disk.WriteAsync(1, source.Memory)).IsSuccess);
            Assert.Equal(0xC5, Assert.Single(model.Commands));
            using var destination = machine.Buffer(100 * 512, 3);
            Assert.True(machine.Run(disk.ReadAsync(1, destination.Memory)).IsSuccess);
            Assert.True(source.GetSpan().SequenceEqual(destination.GetSpan()));
            Assert.Equal(BlockErrorKind.NotSupported, machine.Run(disk.SetTransferModeAsync(TransferMode.Dma)).Error!.Kind);
            machine.AssertClean();
        }
    }

    [Fact]
    public void The_mode_can_be_switched_while_the_disk_is_in_use()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(512);
            Assert.Equal("UDMA5", disk.TransferModeName);
            Assert.True(machine.Run(disk.SetTransferModeAsync(TransferMode.Pio)).IsSuccess);
            Assert.Equal("PIO", disk.TransferModeName);
            model.Commands.Clear();
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.True(machine.Run(disk.SetTransferModeAsync(TransferMode.Dma)).IsSuccess);
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.Equal([0xC4, 0xC8], model.Commands);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_without_a_selected_mode_is_told_one_that_works_with_slow_timings()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { HasSelectedMode = false });
        using (machine)
        {
            Assert.Contains((byte)0xEF, model.Commands);
            Assert.Equal(TransferMode.Dma, disk.TransferMode);
            Assert.Equal("MWDMA2", disk.TransferModeName);
            using var buffer = machine.Buffer(4096);
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void A_drive_that_hangs_when_it_is_told_a_mode_is_reset(int hangs, int resets)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { HasSelectedMode = false });
        using (machine)
        {
            var before = machine.Channels[0].Counters.Resets;
            model.Faults.Plan = (faults, command) => faults.StuckBusy = command == 0xEF && hangs-- > 0 ? 1 : 0;

            // One that does not come back from its resets is gone.
            model.Faults.StuckBusyAfterReset = resets == 2 ? 2 : 0;
            var result = machine.Run(disk.SetTransferModeAsync(TransferMode.Dma));
            Assert.Equal(resets, machine.Channels[0].Counters.Resets - before);
            Assert.Equal(resets < 2 ? null : BlockErrorKind.Gone, result.Error?.Kind);
            Assert.Equal(resets < 2, machine.Run(disk.ReadAsync(0, new byte[512])).IsSuccess);
            Assert.Equal(resets < 2, machine.Run(disk.SetTransferModeAsync(TransferMode.Dma)).IsSuccess);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_takes_no_mode_says_so_and_is_used_by_PIO()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { HasSelectedMode = false });
        using (machine)
        {
            model.Faults.UnknownCommands.Add(0xEF);
            var error = machine.Run(disk.SetTransferModeAsync(TransferMode.Dma)).Error;
            Assert.Equal((BlockErrorKind.DeviceError, "SET FEATURES", TransferMode.Pio), (error!.Kind, error.Operation, disk.TransferMode));
            Assert.True(machine.Run(disk.ReadAsync(0, new byte[512])).IsSuccess);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_without_READ_MULTIPLE_is_read_sector_by_sector()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { MaximumMultiple = 0, HasDma = false });
        using (machine)
        {
            model.Image.Fill(machine.Random, 65536);
            model.Commands.Clear();
            using var buffer = machine.Buffer(64 * 512);
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.Equal([0x20], model.Commands);
            var expected = new byte[64 * 512];
            model.Image.Read(0, expected);
            Assert.True(buffer.GetSpan().SequenceEqual(expected));
            machine.AssertClean();
        }
    }

    [Fact]
    public void Flush_and_TRIM_reach_the_drive()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = 20_000_000 });
        using (machine)
        {
            model.Image.Fill(machine.Random, 65536);
            Assert.True(disk.Geometry.CanDiscard);
            Assert.True(disk.Geometry.HasWriteCache);
            Assert.True(machine.Run(disk.WriteAsync(0, new byte[512])).IsSuccess);
            Assert.Equal(1, model.UnflushedWrites);
            Assert.True(machine.Run(disk.FlushAsync()).IsSuccess);
            Assert.Equal(0, model.UnflushedWrites);
            Assert.Equal(0xEA, model.Commands[^1]);

            // 10 million blocks are 153 ranges, three payloads.
            model.Commands.Clear();
            Assert.True(machine.Run(disk.DiscardAsync(8, 10_000_000)).IsSuccess);
            Assert.Equal([0x06, 0x06, 0x06], model.Commands);
            Assert.Equal(10_000_000UL, model.TrimmedBlocks);
            var start = new byte[16 * 512];
            model.Image.Read(0, start);
            Assert.NotEqual(-1, start.AsSpan(512, 7 * 512).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, start.AsSpan(8 * 512).IndexOfAnyExcept((byte)0));
            Assert.Equal(BlockErrorKind.InvalidRequest, machine.Run(disk.DiscardAsync(19_999_999, 2)).Error!.Kind);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_without_TRIM_refuses_discards()
    {
        var (machine, disk, _) = IdeMachine.WithDisk(new IdeDiskOptions { HasTrim = false });
        using (machine)
        {
            Assert.False(disk.Geometry.CanDiscard);
            Assert.Equal(BlockErrorKind.NotSupported, machine.Run(disk.DiscardAsync(0, 1)).Error!.Kind);
        }
    }
}
