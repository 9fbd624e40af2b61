using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>What drives, controllers and lines do wrong, and what the driver makes of it.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(0x40, "40 UNC")]
    [InlineData(0x10, "10 IDNF")]
    [InlineData(0x01, "01 AMNF")]
    public void A_bad_block_is_named_with_command_address_and_registers(byte error, string text)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Faults.BadBlocks[1234] = error;
            using var buffer = machine.Buffer(64 * 512);
            var result = machine.Run(disk.ReadAsync(1200, buffer.Memory));
            Assert.Equal(BlockErrorKind.MediumError, result.Error!.Kind);
            Assert.Equal("ata0.0", result.Error.Device);
            Assert.Equal("READ DMA", result.Error.Operation);
            Assert.Equal(1234UL, result.Error.Block);
            Assert.Contains("status 51 DRDY DSC ERR", result.Error.Detail, StringComparison.Ordinal);
            Assert.Contains($"error {text}", result.Error.Detail, StringComparison.Ordinal);

            // The drive has tried itself: one command, no reset, and all else goes on.
            Assert.Equal(0xC8, model.Commands[^1]);
            Assert.Equal(0, machine.Channels[0].Counters.Retries);
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.Equal(0, buffer.PinCount);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_bad_block_beyond_28_bits_is_named_too()
    {
        const ulong Bad = (3UL << 30) + 77;
        var (machine, disk, model) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = 1UL << 32 });
        using (machine)
        {
            model.Faults.BadBlocks[Bad] = 0x40;
            var result = machine.Run(disk.ReadAsync(Bad - 10, new byte[64 * 512]));
            Assert.Equal(Bad, result.Error!.Block);
            Assert.Equal("READ DMA EXT", result.Error.Operation);
            var written = machine.Run(disk.WriteAsync(Bad - 1, new byte[1024]));
            Assert.Equal("WRITE DMA EXT", written.Error!.Operation);
            Assert.Equal(Bad, written.Error.Block);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_drive_that_hangs_is_reset_and_the_request_tried_again(bool pio)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            var data = machine.Bytes(8 * 512);
            model.Image.Write(0, data);
            model.Faults.StuckBusy = 1;
            using var buffer = machine.Buffer(8 * 512);
            var before = machine.Clock.Elapsed;
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.InRange(machine.Clock.Elapsed - before, AtaTimeouts.Transfer, AtaTimeouts.Transfer + TimeSpan.FromSeconds(1));
            Assert.True(buffer.GetSpan().SequenceEqual(data));
            Assert.Equal(1, machine.Channels[0].Counters.Timeouts);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_hangs_each_time_gives_a_time_out_after_a_bounded_number_of_tries()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(512);
            model.Faults.Plan = static (faults, command) =>
            {
                if (command is 0xC8 or 0xC4)
                    faults.StuckBusy = 1;
            };
            var result = machine.Run(disk.ReadAsync(5, buffer.Memory));
            Assert.Equal(BlockErrorKind.Timeout, result.Error!.Kind);
            Assert.Equal(5UL, result.Error.Block);
            Assert.Contains("BSY", result.Error.Detail, StringComparison.Ordinal);
            Assert.Contains($"{AtaTimeouts.Attempts} tries", result.Error.Detail, StringComparison.Ordinal);

            // Three of them were by DMA; the last one was not.
            Assert.Equal(TransferMode.Pio, disk.TransferMode);
            model.Faults.Plan = null;
            Assert.True(machine.Run(disk.ReadAsync(5, buffer.Memory)).IsSuccess);
            Assert.Equal(0, buffer.PinCount);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_does_not_come_back_from_reset_is_gone_and_the_other_one_is_not()
    {
        IdeDiskModel? first = null;
        using var machine = new IdeMachine(3, null, ide =>
        {
            first = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions { Serial = "SB0002" }));
        });
        machine.Start();
        var disk = machine.Device("ata0.0");
        var other = machine.Device("ata0.1");
        first!.Faults.StuckBusy = 1;
        first.Faults.StuckBusyAfterReset = 100;
        var buffer = new byte[512];
        var waiting = disk.ReadAsync(9, buffer).AsTask();
        var lost = machine.Run(disk.ReadAsync(0, buffer));
        Assert.Equal(BlockErrorKind.Gone, lost.Error!.Kind);
        Assert.Contains("busy for 31 s after a reset", lost.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(BlockErrorKind.Gone, machine.Run(new ValueTask<BlockResult>(waiting)).Error!.Kind);
        Assert.Equal(BlockErrorKind.Gone, machine.Run(disk.ReadAsync(1, buffer)).Error!.Kind);
        Assert.Contains(machine.Log.Warnings, line => line.StartsWith("ata0.0: gone", StringComparison.Ordinal));
        Assert.True(machine.Run(other.ReadAsync(0, buffer)).IsSuccess);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 9)]
    [InlineData(false, 1)]
    public void DRQ_that_never_comes_is_noticed(bool write, int times)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", "1"));
        using (machine)
        {
            model.Faults.Plan = (faults, command) =>
            {
                if (command is 0xC4 or 0xC5 && times-- > 0)
                    faults.NoDataRequest = 1;
            };
            using var buffer = machine.Buffer(512);
            var expectSuccess = times < AtaTimeouts.Attempts;
            var result = machine.Run(write ? disk.WriteAsync(7, buffer.Memory) : disk.ReadAsync(7, buffer.Memory));
            Assert.Equal(expectSuccess, result.IsSuccess);
            if (!expectSuccess)
            {
                Assert.Equal(BlockErrorKind.Timeout, result.Error!.Kind);
                Assert.Equal("WRITE MULTIPLE", result.Error.Operation);
            }

            Assert.True(machine.Channels[0].Counters.Resets > 1);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Lost_interrupts_are_found_by_the_poll(bool pio, bool inTheLine)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            using var source = machine.Buffer(64 * 512);
            using var destination = machine.Buffer(64 * 512);
            if (inTheLine)
                machine.Controller.Interrupts[0].LoseNext = 2;
            else
                model.Faults.ForgottenInterrupts = 2;
            var before = machine.Clock.Elapsed;
            Assert.True(machine.Run(disk.WriteAsync(7, source.Memory)).IsSuccess);
            Assert.True(machine.Run(disk.ReadAsync(7, destination.Memory)).IsSuccess);
            Assert.True(destination.GetSpan().SequenceEqual(source.GetSpan()));
            Assert.True(machine.Clock.Elapsed - before < TimeSpan.FromMilliseconds(300));
            Assert.Equal(2, machine.Channels[0].Counters.LostInterrupts);
            Assert.Contains(machine.Log.Warnings, line => line.Contains("interrupts were lost", StringComparison.Ordinal));
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_machine_whose_interrupts_never_come_still_reads_its_disk(bool pio)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            model.Image.Fill(machine.Random, 1 << 20);
            machine.Controller.Interrupts[0].LoseNext = int.MaxValue;
            using var buffer = machine.Buffer(48 * 512);
            Assert.True(machine.Run(disk.ReadAsync(3, buffer.Memory)).IsSuccess);
            var expected = new byte[48 * 512];
            model.Image.Read(3 * 512, expected);
            Assert.True(buffer.GetSpan().SequenceEqual(expected));
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Spurious_interrupts_do_no_harm(bool pio)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            model.Image.Fill(machine.Random, 1 << 20);
            using var buffer = machine.Buffer(100 * 512);
            var expected = new byte[100 * 512];
            for (ulong block = 0; block < 100; block++)
            {
                machine.Controller.Interrupts[0].InjectSpurious();
                var reading = disk.ReadAsync(block, buffer.Memory).AsTask();
                while (!reading.IsCompleted)
                {
                    if (machine.Random.Next(3) == 0)
                        machine.Controller.Interrupts[0].InjectSpurious();
                    Assert.True(machine.Clock.RunNext());
                }

                Assert.True(machine.Run(new ValueTask<BlockResult>(reading)).IsSuccess);
                model.Image.Read((long)block * 512, expected);
                Assert.True(buffer.GetSpan().SequenceEqual(expected));
            }

            Assert.True(machine.Controller.Interrupts[0].NotMine > 0);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_short_transfer_is_not_taken_for_a_whole_one(bool pio)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            model.Image.Fill(machine.Random, 1 << 20);
            var expected = new byte[64 * 512];
            model.Image.Read(0, expected);
            using var buffer = machine.Buffer(64 * 512);
            model.Faults.ShortTransfers = 1;
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            Assert.True(buffer.GetSpan().SequenceEqual(expected));
            Assert.Equal(1, machine.Channels[0].Counters.Retries);

            model.Faults.ShortTransfers = 100;
            var result = machine.Run(disk.WriteAsync(0, buffer.Memory));
            Assert.Equal(BlockErrorKind.DeviceError, result.Error!.Kind);
            Assert.Contains(pio ? "only" : "tries", result.Error.Detail, StringComparison.Ordinal);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Damaged_data_on_the_cable_is_sent_again_and_then_the_drive_is_used_by_PIO()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(4096);
            model.Faults.CrcErrors = 2;
            Assert.True(machine.Run(disk.WriteAsync(0, buffer.Memory)).IsSuccess);
            Assert.Equal(TransferMode.Dma, disk.TransferMode);
            model.Faults.CrcErrors = 1;
            Assert.True(machine.Run(disk.WriteAsync(0, buffer.Memory)).IsSuccess);
            Assert.Equal(TransferMode.Pio, disk.TransferMode);
            Assert.Contains(machine.Log.Warnings, line => line.Contains("from now on by PIO", StringComparison.Ordinal) && line.Contains("ICRC", StringComparison.Ordinal));
            Assert.Equal(0xC5, model.Commands[^1]);
            Assert.False(disk.Geometry.CanDiscard);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bus_master_that_fails_or_stalls_ends_in_PIO(bool fails)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Image.Fill(machine.Random, 1 << 20);
            if (fails)
                model.Faults.BusMasterErrors = 3;
            else
                model.Faults.DmaStalls = 3;
            var expected = new byte[4096];
            model.Image.Read(0, expected);
            using var buffer = machine.Buffer(4096);
            var before = machine.Clock.Elapsed;
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);

            // The error bit is seen by the poll; a stall only by the time limit.
            Assert.Equal(fails, machine.Clock.Elapsed - before < TimeSpan.FromSeconds(2));
            Assert.True(buffer.GetSpan().SequenceEqual(expected));
            Assert.Equal(TransferMode.Pio, disk.TransferMode);
            machine.AssertClean();
        }
    }

    [Fact]
    public void Rare_DMA_errors_are_forgiven()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(512);
            for (var round = 0; round < 5; round++)
            {
                model.Faults.CrcErrors = 1;
                for (var i = 0; i < AtaTimeouts.DmaTroubleForgiven + 2; i++)
                    Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            }

            Assert.Equal(TransferMode.Dma, disk.TransferMode);
        }
    }

    [Fact]
    public void An_aborted_command_is_tried_again_and_then_reported()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(512);
            model.Faults.Aborts = 1;
            Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
            model.Faults.Aborts = 50;
            var result = machine.Run(disk.ReadAsync(0, buffer.Memory));
            Assert.Equal(BlockErrorKind.DeviceError, result.Error!.Kind);
            Assert.Contains("error 04 ABRT", result.Error.Detail, StringComparison.Ordinal);
            Assert.Equal(TransferMode.Dma, disk.TransferMode);
            model.Faults.Aborts = 0;
            model.Faults.DeviceFaults = 50;
            Assert.Contains("DF", machine.Run(disk.FlushAsync()).Error!.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_drive_that_is_pulled_out_is_gone(bool whileReading)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(512);
            model.Faults.Vanished = !whileReading;
            var reading = disk.ReadAsync(0, buffer.Memory).AsTask();
            model.Faults.Vanished = true;
            var result = machine.Run(new ValueTask<BlockResult>(reading));
            Assert.Equal(BlockErrorKind.Gone, result.Error!.Kind);
            Assert.Contains("does not answer", result.Error.Detail, StringComparison.Ordinal);
            Assert.Equal(0, buffer.PinCount);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(disk.FlushAsync()).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, machine.Run(disk.QuiesceAsync()).Error!.Kind);
        }
    }

    [Fact]
    public void A_drive_that_comes_back_from_a_reset_as_another_one_is_gone()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Faults.StuckBusy = 1;
            var reading = disk.ReadAsync(0, new byte[512]).AsTask();
            model.Faults.EditIdentify = static data => data[20 + 1] = (byte)'X';
            var result = machine.Run(new ValueTask<BlockResult>(reading));
            Assert.Equal(BlockErrorKind.Gone, result.Error!.Kind);
            Assert.Contains("another drive", result.Error.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Absurd_IDENTIFY_data_is_clamped_or_the_drive_refused()
    {
        var (clamped, disk, _) = (default(IdeMachine)!, default(AtaDisk)!, 0);
        clamped = new IdeMachine(1, null, ide =>
        {
            var model = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            model.Faults.EditIdentify = static data =>
            {
                data[510] = 0;
                data.AsSpan(54, 40).Fill(0xFE);
                data[94] = 0xFF;
                data.AsSpan(200, 8).Fill(0xFF);
            };
            model = ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions()));
            model.Faults.EditIdentify = static data => data.AsSpan(234, 4).Fill(0xFF);
            model = ide.Channels[1].Attach(0, IdeDiskModel.With(new IdeDiskOptions { BlockSize = 4096 }));
            model.Faults.EditIdentify = static data =>
            {
                data[510] = 0;
                data.AsSpan(234, 4).Fill(0xFF);
            };
            model = ide.Channels[1].Attach(1, IdeDiskModel.With(new IdeDiskOptions()));
            model.Faults.EditIdentify = static data => data.AsSpan().Clear();
        });
        using (clamped)
        {
            clamped.Start();
            disk = (AtaDisk)clamped.Device("ata0.0");
            Assert.Equal(IdentifyData.Lba48Blocks, disk.Geometry.BlockCount);
            Assert.Equal("", disk.Model);
            Assert.True(disk.Identify.MaximumMultiple <= 128);
            Assert.Equal(["ata0.0", "ata0.1"], clamped.Disks.Select(device => device.Name));
            Assert.Contains(clamped.Log.Warnings, line => line.StartsWith("ata1.0: IDENTIFY DEVICE: logical blocks of", StringComparison.Ordinal));
            Assert.Contains(clamped.Log.Warnings, line => line.StartsWith("ata1.1: IDENTIFY DEVICE: the answer is empty", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_empty_channel_is_found_empty_at_once()
    {
        foreach (var bus in new byte[] { 0xFF, 0x7F, 0x00 })
        {
            using var machine = new IdeMachine(1, null, ide =>
            {
                ide.Channels[0].EmptyBus = bus;
                ide.Channels[1].EmptyBus = bus;
            });
            machine.Start();
            Assert.Empty(machine.Disks);
            Assert.True(machine.Clock.Elapsed < TimeSpan.FromSeconds(1));
            Assert.Empty(machine.Log.Warnings);
        }
    }

    [Fact]
    public void A_drive_that_is_busy_at_first_is_waited_for()
    {
        using var machine = new IdeMachine(1, null, ide =>
            ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions())).Faults.StuckBusyAfterReset = 1);
        machine.Start();
        Assert.Single(machine.Disks);
        Assert.Contains(machine.Log.Warnings, line => line.Contains("busy for 31 s", StringComparison.Ordinal));
    }
}
