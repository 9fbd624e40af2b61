using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class QuiesceTests
{
    private static async Task<int> KeepWriting(AtaDisk disk, byte[] data, ulong block, Func<bool> stop)
    {
        var count = 0;
        while (!stop())
        {
            Assert.True((await disk.WriteAsync(block, data)).IsSuccess);
            count++;
        }

        return count;
    }

    /// <summary>A disk on the first channel, a disc and a disk on the second.</summary>
    private static IdeMachine WithThreeDrives(out IdeDiskModel first, out IdeDiscModel disc, out IdeDiskModel last)
    {
        IdeDiskModel? one = null;
        IdeDiscModel? two = null;
        IdeDiskModel? three = null;
        var machine = new IdeMachine(seed: 6, attach: ide =>
        {
            one = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            two = ide.Channels[1].Attach(0, IdeDiscModel.With(new BlockImage(2048 * 100)));
            three = ide.Channels[1].Attach(1, IdeDiskModel.With(new IdeDiskOptions { Serial = "SB0002" }));
        });
        machine.Start();
        (first, disc, last) = (one!, two!, three!);
        return machine;
    }

    /// <summary>Both disks are written and read, by interrupts.</summary>
    private static void AssertInUse(IdeMachine machine)
    {
        var lost = machine.Channels.Sum(channel => channel.Counters.LostInterrupts);
        foreach (var disk in machine.Disks.OfType<AtaDisk>())
        {
            Assert.True(machine.Run(disk.WriteAsync(3, machine.Bytes(512))).IsSuccess, $"{disk.Name} is not written");
            Assert.True(machine.Run(disk.ReadAsync(3, new byte[512])).IsSuccess, $"{disk.Name} is not read");
        }

        Assert.Equal(lost, machine.Channels.Sum(channel => channel.Counters.LostInterrupts));
        machine.AssertClean();
    }

    [Fact]
    public void Under_load_what_came_before_is_done_and_flushed_and_what_came_after_waits_in_order()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(seed: 11);
        using (machine)
        {
            var before = new List<Task<BlockResult>>();
            for (var i = 0; i < 20; i++)
                before.Add(disk.WriteAsync((ulong)i, machine.Bytes(512)).AsTask());
            var quiescing = disk.QuiesceAsync().AsTask();
            var order = new List<int>();
            var after = new List<Task>();
            for (var i = 0; i < 10; i++)
                after.Add(Note(disk.WriteAsync(5, Enumerable.Repeat((byte)(i + 1), 512).ToArray()).AsTask(), order, i));
            Assert.True(machine.Run(new ValueTask<BlockResult>(quiescing)).IsSuccess);
            Assert.All(before, task => Assert.True(task.IsCompletedSuccessfully && task.Result.IsSuccess));
            Assert.All(after, task => Assert.False(task.IsCompleted));
            Assert.Equal(0, model.UnflushedWrites);
            Assert.Equal(0xEA, model.Commands[^1]);

            // The drive is idle: time passes and nothing happens, and another owner may write the medium.
            var commands = model.Commands.Count;
            machine.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(commands, model.Commands.Count);
            Assert.True(machine.Run(disk.QuiesceAsync()).IsSuccess);
            Assert.Empty(order);
            machine.Run(disk.ResumeAsync());
            machine.Run(Task.WhenAll(after));
            Assert.Equal(Enumerable.Range(0, 10), order);
            var last = new byte[512];
            model.Image.Read(5 * 512, last);
            Assert.All(last, value => Assert.Equal(10, value));
            machine.AssertClean();
        }

        static async Task Note(Task<BlockResult> task, List<int> order, int number)
        {
            Assert.True((await task).IsSuccess);
            order.Add(number);
        }
    }

    [Fact]
    public void Writers_do_not_notice_a_hundred_quiesces()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(seed: 12);
        using (machine)
        {
            var stop = false;
            var writers = Enumerable.Range(0, 4).Select(i => KeepWriting(disk, machine.Bytes(4096), (ulong)i * 100, () => stop)).ToArray();
            for (var round = 0; round < 100; round++)
            {
                machine.Clock.Advance(TimeSpan.FromMicroseconds(machine.Random.Next(3000)));
                Assert.True(machine.Run(disk.QuiesceAsync()).IsSuccess);
                Assert.Equal(0, model.UnflushedWrites);
                var commands = model.Commands.Count;
                machine.Clock.Advance(TimeSpan.FromMilliseconds(machine.Random.Next(3)));
                Assert.Equal(commands, model.Commands.Count);
                machine.Run(disk.ResumeAsync());
            }

            stop = true;
            machine.Run(Task.WhenAll(writers));
            Assert.All(writers, writer => Assert.True(writer.Result > 10));
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_quiesce_that_fails_or_is_cancelled_leaves_the_disk_in_use()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Faults.UnknownCommands.Add(0xEA);
            var failed = machine.Run(disk.QuiesceAsync());
            Assert.Equal("FLUSH CACHE EXT", failed.Error!.Operation);
            Assert.True(machine.Run(disk.WriteAsync(0, new byte[512])).IsSuccess);
            model.Faults.UnknownCommands.Clear();

            using var cancel = new CancellationTokenSource();
            var writing = disk.WriteAsync(0, new byte[512]).AsTask();
            var quiescing = disk.QuiesceAsync(cancel.Token).AsTask();
            var behind = disk.WriteAsync(1, new byte[512]).AsTask();
            cancel.Cancel();
            Assert.True(quiescing.IsCanceled);
            Assert.True(machine.Run(new ValueTask<BlockResult>(behind)).IsSuccess);
            Assert.True(writing.Result.IsSuccess);
        }
    }

    [Fact]
    public void A_suspended_controller_is_silent_and_resumes_with_the_same_drives()
    {
        IdeDiscModel? disc = null;
        IdeDiskModel? model = null;
        using var machine = new IdeMachine(5, null, ide =>
        {
            model = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            disc = ide.Channels[1].Attach(0, IdeDiscModel.With(new BlockImage(2048 * 100)));
        });
        machine.Start();
        var disk = machine.Device("ata0.0");
        var drive = (AtapiDrive)machine.Device("ata1.0");
        var early = disk.WriteAsync(3, machine.Bytes(512)).AsTask();
        var suspending = machine.Instance.SuspendAsync(default).AsTask();
        var late = disk.ReadAsync(3, new byte[512]).AsTask();
        machine.Run(suspending);
        Assert.True(early.IsCompletedSuccessfully);
        Assert.Equal(0, model!.UnflushedWrites);
        var refreshing = drive.RefreshMediumAsync().AsTask();
        model.Commands.Clear();
        disc!.Commands.Clear();
        machine.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(late.IsCompleted || refreshing.IsCompleted);
        Assert.Empty(model.Commands);
        Assert.Empty(disc.Commands);
        machine.Run(machine.Instance.ResumeAsync(default));
        Assert.True(machine.Run(new ValueTask<BlockResult>(late)).IsSuccess);
        Assert.True(machine.Run(new ValueTask<BlockResult>(refreshing)).IsSuccess);
        Assert.Contains((byte)0xEC, model.Commands);
        machine.AssertClean();
    }

    [Fact]
    public void A_controller_with_a_disk_that_cannot_be_flushed_is_not_suspended_and_stays_in_use()
    {
        using var machine = WithThreeDrives(out _, out _, out var last);
        last.Faults.UnknownCommands.Add(0xEA);

        var failure = Assert.Throws<IOException>(() => machine.Run(machine.Instance.SuspendAsync(default)));

        Assert.Contains("ata1.1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("FLUSH CACHE EXT", failure.Message, StringComparison.Ordinal);
        AssertInUse(machine);
    }

    [Fact]
    public void A_suspend_that_is_cancelled_while_it_waits_for_a_channel_gives_the_others_back()
    {
        using var machine = WithThreeDrives(out var first, out var disc, out var last);
        using var cancel = new CancellationTokenSource();
        var suspending = machine.Instance.SuspendAsync(cancel.Token).AsTask();
        while (!last.Commands.Contains(0xEA))
            Assert.True(machine.Clock.RunNext(), "The last disk is not flushed.");

        // Behind the flush, before the suspend: a drive that hangs keeps its channel.
        disc.Faults.StuckBusy = 1;
        var refreshing = ((AtapiDrive)machine.Device("ata1.0")).RefreshMediumAsync().AsTask();
        var held = machine.Device("ata0.0").ReadAsync(0, new byte[512]).AsTask();
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        var commands = first.Commands.Count;
        Assert.False(suspending.IsCompleted || refreshing.IsCompleted || held.IsCompleted);

        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => machine.Run(suspending));

        Assert.True(machine.Run(new ValueTask<BlockResult>(held)).IsSuccess);
        Assert.Equal(commands + 1, first.Commands.Count);
        machine.Run(refreshing);
        AssertInUse(machine);
    }

    [Fact]
    public void A_disk_that_was_taken_out_while_suspended_is_gone_after_the_resume()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            machine.Run(machine.Instance.SuspendAsync(default));
            model.Faults.Vanished = true;
            machine.Run(machine.Instance.ResumeAsync(default));
            Assert.Equal(BlockErrorKind.Gone, machine.Run(disk.ReadAsync(0, new byte[512])).Error!.Kind);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Detach_fails_what_waits_and_frees_everything(int when)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(seed: when);
        using (machine)
        {
            var pages = machine.Memory.PageCount;
            Assert.True(pages > 0);
            using var buffer = machine.Buffer(4096);
            var reading = new List<Task<BlockResult>>();
            if (when > 0)
            {
                if (when == 2)
                    model.Faults.StuckBusy = 1;
                for (var i = 0; i < 5; i++)
                    reading.Add(disk.ReadAsync((ulong)i, buffer.Memory).AsTask());
                machine.Clock.Advance(when == 3 ? TimeSpan.FromSeconds(10.03) : TimeSpan.FromMicroseconds(30));
                if (when == 3)
                    Assert.All(reading, task => Assert.True(task.IsCompleted));
            }

            if (when == 3)
                machine.Run(machine.Instance.SuspendAsync(default));
            machine.Run(machine.Instance.DetachAsync(default));
            if (when is 1 or 2)
                Assert.All(reading, task => Assert.Equal(BlockErrorKind.Gone, task.Result.Error!.Kind));
            Assert.Empty(machine.Disks);
            Assert.False(machine.Controller.Interrupts[0].IsConnected);
            Assert.Equal(0, buffer.PinCount);
            ((IDisposable)buffer).Dispose();
            Assert.Equal(0, machine.Memory.PageCount);
            machine.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(BlockErrorKind.Gone, machine.Run(disk.ReadAsync(0, new byte[512])).Error!.Kind);
            machine.Run(machine.Instance.DetachAsync(default));
            machine.AssertClean();
        }
    }

    [Fact]
    public void Detach_in_the_middle_of_a_recovery_does_not_wait_for_the_drive()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Faults.StuckBusy = 1;
            model.Faults.StuckBusyAfterReset = 9;
            var reading = disk.ReadAsync(0, new byte[512]).AsTask();
            machine.Clock.Advance(TimeSpan.FromSeconds(12));
            Assert.False(reading.IsCompleted);
            var before = machine.Clock.Elapsed;
            machine.Run(machine.Instance.DetachAsync(default));
            Assert.True(machine.Clock.Elapsed - before < TimeSpan.FromSeconds(1));
            Assert.Equal(BlockErrorKind.Gone, reading.Result.Error!.Kind);
        }
    }

    [Fact]
    public void Disks_of_the_machines_own_channels_say_which_medium_they_serve()
    {
        using var legacy = new IdeMachine(attach: ide =>
        {
            ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions()));
            ide.Channels[1].Attach(0, IdeDiscModel.With(new BlockImage(2048 * 100)));
        });
        legacy.Start();
        var disk = Assert.IsAssignableFrom<IMediumPath>(legacy.Device("ata0.1"));
        Assert.Equal((MediumIdentity.Ide(0, 1), PathRank.Emulated), (disk.Medium!.Value, disk.Rank));
        Assert.Equal("ide0.1", disk.Medium.ToString());

        // Discs stay where they are, and another controller's channels are nobody else's.
        Assert.IsNotAssignableFrom<IMediumPath>(legacy.Device("ata1.0"));
        using var native = new IdeMachine(
            controller: new IdeControllerOptions { IsNative = true },
            attach: ide => ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions())));
        native.Start();
        Assert.Null(((IMediumPath)native.Disks[0]).Medium);
    }

    [Fact]
    public void The_driver_declares_what_it_needs_and_no_more()
    {
        var driver = new AtaDriver();
        using var legacy = new IdeMachine();
        Assert.Equal(
            [
                new PortRequest("command0", 0x1F0, 8), new PortRequest("control0", 0x3F6, 1), new IsaInterruptRequest("irq0", 14),
                new PortRequest("command1", 0x170, 8), new PortRequest("control1", 0x376, 1), new IsaInterruptRequest("irq1", 15),
                new BarRequest("busmaster", 4, 0, 16),
            ],
            driver.DeclareResources(legacy.Controller.Pci));
        using var native = new IdeMachine(controller: new IdeControllerOptions { IsNative = true, HasBusMaster = false, VendorId = 0x1095, DeviceId = 0x0680 });
        Assert.Equal(
            [
                new BarRequest("command0", 0, 0, 8), new BarRequest("control0", 1, 2, 1), new PciInterruptRequest("interrupt"),
                new BarRequest("command1", 2, 0, 8), new BarRequest("control1", 3, 2, 1),
            ],
            driver.DeclareResources(native.Controller.Pci));
        Assert.Equal(2, driver.Matches.Max(match => match.Score(legacy.Controller.Pci)));
        Assert.Equal(1, driver.Matches.Max(match => match.Score(native.Controller.Pci)));
    }
}
