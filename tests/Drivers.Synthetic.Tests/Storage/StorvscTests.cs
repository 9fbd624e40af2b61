using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

public sealed class StorvscTests
{
    public static TheoryData<ushort> AllVersions => [0x0602, 0x0600, 0x0501, 0x0402, 0x0200];

    [Theory]
    [MemberData(nameof(AllVersions))]
    public void An_accelerator_works_at_every_version(ushort version)
    {
        using var fixture = StorageFixture.Ide(new StorageProviderOptions { Versions = [new StorageVersion(version)], MaxSubchannels = 4 });
        Assert.Empty(fixture.Machine.Failures);
        Assert.Equal(version, fixture.Provider.Version.Value);
        var disk = fixture.Disk;
        Assert.Equal(("ide0.1", "Msft Virtual Disk", "VHD-0001"), (disk.Name, disk.Model, disk.Serial));
        Assert.Equal(MediumIdentity.Ide(0, 1), disk.Medium);
        Assert.Equal(
            new BlockGeometry { BlockSize = 512, BlockCount = 16384, PhysicalBlockSize = 4096, CanDiscard = true, HasWriteCache = true }, disk.Geometry);
        var data = fixture.Machine.Bytes(8192);
        Assert.True(fixture.Machine.Run(disk.WriteAsync(77, data)).IsSuccess);
        Assert.Equal(data, fixture.Content(77, 8192));
        var back = new byte[16384];
        Assert.True(fixture.Machine.Run(disk.ReadAsync(70, back)).IsSuccess);
        Assert.Equal(fixture.Content(70, 16384), back);
        Assert.Equal(1, fixture.Unit.UnflushedWrites);
        Assert.True(fixture.Machine.Run(disk.FlushAsync()).IsSuccess);
        Assert.Equal(0, fixture.Unit.UnflushedWrites);
        fixture.Machine.DetachAll();
        Assert.Empty(fixture.Machine.Disks);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_host_that_speaks_no_known_version_is_refused()
    {
        using var fixture = StorageFixture.Ide(new StorageProviderOptions { Versions = [new StorageVersion(0x0700)] });
        Assert.Contains("none of the versions 6.2, 6.0, 5.1, 4.2, 2.0", Assert.Single(fixture.Machine.Failures), StringComparison.Ordinal);
        Assert.Empty(fixture.Machine.Disks);
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(100, 512)]
    [InlineData(3584, 1024)]
    [InlineData(8, 128 * 1024)]
    [InlineData(0, 3 << 20)]
    [InlineData(4095, 3 << 20)]
    public void Data_goes_straight_from_and_to_the_programs_memory(int offset, int length)
    {
        using var fixture = StorageFixture.Ide();
        using var buffer = fixture.Machine.Buffer(length, offset);
        var bytes = buffer.GetSpan().ToArray();
        Assert.True(fixture.Machine.Run(fixture.Disk.WriteAsync(5, buffer.Memory)).IsSuccess);
        Assert.Equal(bytes, fixture.Content(5, length));
        buffer.GetSpan().Clear();
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(5, buffer.Memory)).IsSuccess);
        Assert.Equal(bytes, buffer.GetSpan().ToArray());
        Assert.Equal(0, buffer.PinCount);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void Memory_that_the_host_cannot_reach_goes_through_buffers()
    {
        using var fixture = StorageFixture.Ide();
        var before = fixture.Machine.Controller.Adapter.Counters.Bounced;
        var data = fixture.Machine.Bytes(1 << 20);
        var tasks = Enumerable.Range(0, 4).Select(i => fixture.Disk.WriteAsync((ulong)i * 2048, data).AsTask()).ToArray();
        fixture.Machine.Run(Task.WhenAll(tasks));
        Assert.All(tasks, task => Assert.True(task.Result.IsSuccess));
        var back = new byte[data.Length];
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(3 * 2048, back)).IsSuccess);
        Assert.Equal(data, back);
        Assert.Equal(before + (5 * 16), fixture.Machine.Controller.Adapter.Counters.Bounced);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void Discarded_blocks_read_as_zeros()
    {
        using var fixture = StorageFixture.Ide(disk: new ScsiDiskOptions { MostUnmapBlocks = 100 });
        Assert.True(fixture.Machine.Run(fixture.Disk.DiscardAsync(10, 350)).IsSuccess);
        Assert.DoesNotContain(fixture.Content(10, 350 * 512), value => value != 0);
        Assert.Contains(fixture.Content(360, 512), value => value != 0);
        Assert.Contains(fixture.Content(9, 512), value => value != 0);
        using var plain = StorageFixture.Ide(disk: new ScsiDiskOptions { CanUnmap = false });
        Assert.False(plain.Disk.Geometry.CanDiscard);
        Assert.Equal(BlockErrorKind.NotSupported, plain.Machine.Run(plain.Disk.DiscardAsync(0, 1)).Error!.Kind);
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0UL, 100)]
    [InlineData(16384UL, 512)]
    [InlineData(16383UL, 1024)]
    [InlineData(ulong.MaxValue, 512)]
    public void Requests_that_cannot_be_are_refused_without_the_host(ulong block, int length)
    {
        using var fixture = StorageFixture.Ide();
        var sent = fixture.Machine.Controller.Adapter.Counters.Sent;
        Assert.Equal(BlockErrorKind.InvalidRequest, fixture.Machine.Run(fixture.Disk.ReadAsync(block, new byte[length])).Error!.Kind);
        Assert.Equal(BlockErrorKind.InvalidRequest, fixture.Machine.Run(fixture.Disk.WriteAsync(block, new byte[length])).Error!.Kind);
        Assert.Equal(sent, fixture.Machine.Controller.Adapter.Counters.Sent);
    }

    [Fact]
    public void Errors_of_the_medium_name_disk_command_and_place()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Unit.BadBlocks.Add(100);
        var read = fixture.Machine.Run(fixture.Disk.ReadAsync(96, new byte[4096])).Error!;
        Assert.Equal((BlockErrorKind.MediumError, "ide0.1", "READ", 96UL), (read.Kind, read.Device, read.Operation, read.Block));
        Assert.Contains("MediumError 11/00", read.Detail, StringComparison.Ordinal);
        Assert.Equal(BlockErrorKind.MediumError, fixture.Machine.Run(fixture.Disk.WriteAsync(100, new byte[512])).Error!.Kind);
        using var protectedDisk = StorageFixture.Ide(disk: new ScsiDiskOptions { IsReadOnly = true });
        Assert.True(protectedDisk.Disk.Geometry.IsReadOnly);
        Assert.Equal(BlockErrorKind.ReadOnly, protectedDisk.Machine.Run(protectedDisk.Disk.WriteAsync(0, new byte[512])).Error!.Kind);
    }

    [Fact]
    public void What_passes_is_tried_again_with_pauses()
    {
        using var fixture = StorageFixture.Ide();
        var answers = new Queue<Action<ScsiCommand>>(
        [
            command => command.End(SrbStatus.Busy, null, ScsiStatus.Good),
            command => command.End(SrbStatus.Error, null, ScsiStatus.TaskSetFull),
            command => command.Fail(SenseData.WasReset),
            command => command.Fail(new SenseData(SenseKey.NotReady, 4, 1)),
            command => command.End(SrbStatus.BusReset, null, ScsiStatus.Good),
            command => command.End(SrbStatus.Aborted, null, ScsiStatus.Good),
            command => command.Fail(new SenseData(SenseKey.AbortedCommand, 0, 0)),
            command => command.Transferred = 100,
        ]);
        fixture.Provider.Faults.Before = (_, command) =>
        {
            if (command.Opcode != ScsiOpcode.Read10 || !answers.TryDequeue(out var end))
                return false;
            end(command);
            return true;
        };
        var data = new byte[4096];
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(8, data)).IsSuccess);
        Assert.Equal(fixture.Content(8, 4096), data);
        Assert.Empty(answers);
        Assert.Equal(8, fixture.Machine.Controller.Adapter.Counters.Retries);
    }

    [Fact]
    public void What_does_not_pass_is_tried_so_often_and_no_more()
    {
        using var fixture = StorageFixture.Ide();
        var tries = 0;
        fixture.Provider.Faults.Before = (_, command) =>
        {
            tries++;
            command.End(SrbStatus.ParityError, null, ScsiStatus.Good);
            return true;
        };
        var error = fixture.Machine.Run(fixture.Disk.ReadAsync(0, new byte[512])).Error!;
        Assert.Equal((BlockErrorKind.DeviceError, 6), (error.Kind, tries));
        Assert.Contains("6 tries, SRB status ParityError (0f)", error.Detail, StringComparison.Ordinal);
        tries = 0;
        fixture.Provider.Faults.Before = (_, command) =>
        {
            tries++;
            command.End(SrbStatus.Busy, null, ScsiStatus.Good);
            return true;
        };
        Assert.Equal(BlockErrorKind.DeviceError, fixture.Machine.Run(fixture.Disk.ReadAsync(0, new byte[512])).Error!.Kind);
        Assert.Equal(13, tries);
    }

    [Fact]
    public void A_flush_that_the_host_does_not_know_has_nothing_to_do()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.Before = (_, command) =>
        {
            if (command.Opcode != ScsiOpcode.SynchronizeCache10)
                return false;
            command.Reject(SenseData.InvalidCommand);
            return true;
        };
        Assert.True(fixture.Machine.Run(fixture.Disk.FlushAsync()).IsSuccess);
    }

    [Fact]
    public void Channels_of_a_controller_serve_their_processors()
    {
        using var fixture = StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 3 }, processors: 4);
        fixture.Machine.Settle();
        Assert.Equal(4, fixture.Machine.Controller.Adapter.QueueCount);
        var disk = fixture.Disk;
        Assert.Equal("scsi0.0.0", disk.Name);
        Assert.Null(disk.Medium);
        for (var processor = 0; processor < 4; processor++)
        {
            fixture.Machine.Partition.Platform.Processors.Run(processor, () =>
            {
                for (var i = 0; i < 10; i++)
                    _ = disk.ReadAsync((ulong)i, new byte[512]).AsTask();
            });
        }

        fixture.Machine.RunUntil(() => fixture.Machine.Controller.Adapter.Outstanding == 0);
        Assert.All(Enumerable.Range(1, 3), index => Assert.Equal(10, fixture.Provider.CommandsByChannel[index]));
        fixture.Machine.DetachAll();
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void Logical_units_come_change_and_go()
    {
        using var fixture = StorageFixture.Scsi();
        var machine = fixture.Machine;
        Assert.Equal(["scsi0.0.0"], machine.Disks.Select(device => device.Name));
        var second = new ScsiDisk(new BlockImage(1 << 20)) { Identity = new ScsiIdentity() };
        fixture.Provider.Add(new ScsiAddress(0, 0, 7), second);
        fixture.Provider.Add(new ScsiAddress(0, 1, 63), new ScsiOptical(new BlockImage(2048 * 10)) { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } });
        machine.Settle();
        Assert.Equal(["scsi0.0.0", "scsi0.0.7", "scsi0.1.63"], machine.Disks.Select(device => device.Name));

        // A disk that has grown says so with the next command, which is then carried out.
        var resized = 0;
        ((IResizable)machine.Device("scsi0.0.7")).Resized += _ => resized++;
        second.Resize(new BlockImage(2 << 20));
        Assert.True(machine.Run(machine.Device("scsi0.0.7").ReadAsync(0, new byte[512])).IsSuccess);
        machine.Settle();
        Assert.Equal((1, 4096UL), (resized, machine.Device("scsi0.0.7").Geometry.BlockCount));
        Assert.True(machine.Run(machine.Device("scsi0.0.7").WriteAsync(4095, new byte[512])).IsSuccess);

        var gone = machine.Device("scsi0.0.7");
        fixture.Provider.Remove(new ScsiAddress(0, 0, 7));
        Assert.Equal(BlockErrorKind.Gone, machine.Run(gone.ReadAsync(0, new byte[512])).Error!.Kind);
        machine.Settle();
        Assert.Equal(["scsi0.0.0", "scsi0.1.63"], machine.Disks.Select(device => device.Name));
        machine.AssertClean();
    }

    [Fact]
    public void A_disc_drive_reads_ejects_and_takes_another_disc()
    {
        using var fixture = StorageFixture.Scsi(connect: false);
        var disc = new BlockImage(2048 * 100);
        disc.Fill(new Random(3), disc.Length);
        var unit = new ScsiOptical(disc) { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } };
        fixture.Provider.Bus.Add(new ScsiAddress(0, 0, 1), unit);
        fixture.Machine.Connect();
        var drive = Assert.IsAssignableFrom<IRemovableBlockDevice>(fixture.Machine.Device("scsi0.0.1"));
        Assert.Equal((2048, 100UL, true), (drive.Geometry.BlockSize, drive.Geometry.BlockCount, drive.Geometry.IsReadOnly));
        var data = new byte[2048 * 3];
        Assert.True(fixture.Machine.Run(drive.ReadAsync(10, data)).IsSuccess);
        var expected = new byte[data.Length];
        disc.Read(2048 * 10, expected);
        Assert.Equal(expected, data);
        Assert.Equal(BlockErrorKind.ReadOnly, fixture.Machine.Run(drive.WriteAsync(0, data)).Error!.Kind);
        Assert.True(fixture.Machine.Run(drive.FlushAsync()).IsSuccess);
        Assert.True(fixture.Machine.Run(drive.EjectAsync()).IsSuccess);
        Assert.Null(unit.Disc);
        Assert.Equal(0UL, drive.Geometry.BlockCount);
        Assert.Equal(BlockErrorKind.NoMedium, fixture.Machine.Run(drive.ReadAsync(0, data)).Error!.Kind);
        unit.Change(new BlockImage(2048 * 5));
        Assert.True(fixture.Machine.Run(drive.RefreshMediumAsync()).IsSuccess);
        Assert.Equal(5UL, drive.Geometry.BlockCount);
        unit.Change(new BlockImage(2048 * 6));
        Assert.Equal(BlockErrorKind.MediumChanged, fixture.Machine.Run(drive.ReadAsync(0, new byte[2048])).Error!.Kind);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_disk_beyond_two_tebibytes_is_used_to_its_end()
    {
        using var fixture = StorageFixture.Scsi(connect: false);
        var image = new BlockImage(5L << 40);
        fixture.Provider.Bus.Add(new ScsiAddress(0, 0, 1), new ScsiDisk(image) { Identity = new ScsiIdentity() });
        fixture.Machine.Connect();
        var disk = fixture.Machine.Device("scsi0.0.1");
        var last = disk.Geometry.BlockCount - 8;
        Assert.Equal((5UL << 40) / 512, disk.Geometry.BlockCount);
        var data = fixture.Machine.Bytes(4096);
        Assert.True(fixture.Machine.Run(disk.WriteAsync(last, data)).IsSuccess);
        var back = new byte[4096];
        Assert.True(fixture.Machine.Run(disk.ReadAsync(last, back)).IsSuccess);
        Assert.Equal(data, back);
        Assert.True(fixture.Machine.Run(disk.DiscardAsync(last, 8)).IsSuccess);
        fixture.Machine.AssertClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Under_load_on_all_channels_every_block_is_what_was_written(int channels)
    {
        using var fixture = StorageFixture.Scsi(
            new StorageProviderOptions { MaxSubchannels = (ushort)(channels - 1), AnswerLatency = null }, processors: channels, seed: channels);
        fixture.Machine.Settle();
        Assert.Equal(channels, fixture.Machine.Controller.Adapter.QueueCount);
        var history = new GuestOS.Testing.Block.BlockHistory(64);
        fixture.Image.Clear(0, 64 * 512);
        var workload = new GuestOS.Testing.Block.BlockWorkload(fixture.Disk, history, fixture.Machine.Random, fixture.Machine.Clock, length =>
            fixture.Machine.Random.Next(4) == 0 ? new byte[length] : fixture.Machine.Memory.AllocateCaller(length, fixture.Machine.Random.Next(4096)).Memory);
        var programs = Enumerable.Range(0, channels * 8).Select(i =>
        {
            Task task = Task.CompletedTask;
            fixture.Machine.Partition.Platform.Processors.Run(i % channels, () => task = workload.RunAsync(60));
            return task;
        });
        fixture.Machine.Run(Task.WhenAll([.. programs]));
        Assert.Empty(history.Violations);
        for (var i = 0; i < 64; i++)
            history.CheckMedium(i, fixture.Content((ulong)i, 512));
        Assert.Empty(history.Violations);
        fixture.Machine.AssertClean();
    }
}
