using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>A controller is suspended with all of its disks, or not at all.</summary>
public sealed class StorvscSuspendTests
{
    [Fact]
    public void A_suspended_controller_lets_go_of_its_channel_and_comes_back_with_its_disks()
    {
        using var fixture = StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 1 }, processors: 2);
        var disk = fixture.Disk;
        fixture.Machine.Settle();
        Assert.True(fixture.Machine.Run(disk.WriteAsync(0, new byte[512])).IsSuccess);
        var instance = fixture.Machine.Controller;
        fixture.Machine.Run(instance.SuspendAsync(default));
        Assert.False(fixture.Provider.IsReady);
        Assert.Equal(0, fixture.Unit.UnflushedWrites);
        var waiting = disk.WriteAsync(1, new byte[512]).AsTask();
        fixture.Machine.Settle();
        Assert.False(waiting.IsCompleted);
        fixture.Machine.Run(instance.ResumeAsync(default));
        Assert.True(fixture.Machine.Run(new ValueTask<BlockResult>(waiting)).IsSuccess);
        Assert.Same(disk, fixture.Disk);
        fixture.Machine.Settle();
        Assert.Equal(2, instance.Adapter.QueueCount);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_suspend_in_which_a_flush_fails_leaves_all_disks_as_they_were()
    {
        using var fixture = WithTwoDisks();
        var (controller, first, second) = (fixture.Machine.Controller, fixture.Machine.Disks[0], fixture.Machine.Disks[1]);
        UnitState? firstMeanwhile = null;
        fixture.Provider.Faults.Before = (address, command) =>
        {
            if (command.Opcode != ScsiOpcode.SynchronizeCache10 || address.Lun != 1)
                return false;
            firstMeanwhile = ((StorageDevice)first).State;
            command.Fail(new SenseData(SenseKey.MediumError, 0x0C, 0));
            return true;
        };
        var suspend = controller.SuspendAsync(default).AsTask();
        var waiting = first.WriteAsync(0, new byte[512]).AsTask();
        fixture.Machine.RunUntil(() => suspend.IsCompleted);
        Assert.Contains("scsi0.0.1", Assert.IsType<IOException>(suspend.Exception?.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal(UnitState.Held, firstMeanwhile);
        AssertServes(fixture, first, second, waiting);
        AssertCanBeSuspended(fixture, first, second);
    }

    [Fact]
    public void A_suspend_that_is_given_up_leaves_all_disks_as_they_were()
    {
        var latency = TimeSpan.Zero;
        using var fixture = WithTwoDisks(new StorageProviderOptions { AnswerLatency = () => latency });
        var (controller, first, second) = (fixture.Machine.Controller, fixture.Machine.Disks[0], fixture.Machine.Disks[1]);
        latency = TimeSpan.FromSeconds(20);
        var late = second.ReadAsync(0, new byte[512]).AsTask();
        fixture.Machine.Settle();
        latency = TimeSpan.Zero;
        using var cancel = new CancellationTokenSource();
        var suspend = controller.SuspendAsync(cancel.Token).AsTask();
        var waiting = first.WriteAsync(0, new byte[512]).AsTask();
        fixture.Machine.Settle();
        Assert.Equal((UnitState.Held, UnitState.Held, false), (((StorageDevice)first).State, ((StorageDevice)second).State, suspend.IsCompleted));
        cancel.Cancel();
        fixture.Machine.RunUntil(() => suspend.IsCompleted);
        Assert.True(suspend.IsCanceled);
        Assert.False(late.IsCompleted);
        AssertServes(fixture, first, second, waiting);
        Assert.True(fixture.Machine.Run(new ValueTask<BlockResult>(late)).IsSuccess);
        AssertCanBeSuspended(fixture, first, second);
    }

    private static StorageFixture WithTwoDisks(StorageProviderOptions? options = null)
    {
        var fixture = StorageFixture.Scsi(
            options, prepare: provider => provider.Bus.Add(new ScsiAddress(0, 0, 1), new ScsiDisk(new BlockImage(1 << 20)) { Identity = new ScsiIdentity() }));
        Assert.Equal(["scsi0.0.0", "scsi0.0.1"], fixture.Machine.Disks.Select(disk => disk.Name));
        return fixture;
    }

    /// <summary>On the channel that was open before, with what was asked for meanwhile.</summary>
    private static void AssertServes(StorageFixture fixture, IBlockDevice first, IBlockDevice second, Task<BlockResult> waiting)
    {
        Assert.True(fixture.Machine.Run(new ValueTask<BlockResult>(waiting)).IsSuccess);
        Assert.Equal((StorvscState.Started, true), (fixture.Machine.Controller.State, fixture.Provider.IsReady));
        foreach (var disk in (IBlockDevice[])[first, second])
        {
            Assert.Equal(UnitState.Serving, ((StorageDevice)disk).State);
            Assert.True(fixture.Machine.Run(disk.WriteAsync(1, new byte[512])).IsSuccess);
        }
    }

    private static void AssertCanBeSuspended(StorageFixture fixture, IBlockDevice first, IBlockDevice second)
    {
        fixture.Provider.Faults.Before = null;
        fixture.Machine.Run(fixture.Machine.Controller.SuspendAsync(default));
        Assert.False(fixture.Provider.IsReady);
        fixture.Machine.Run(fixture.Machine.Controller.ResumeAsync(default));
        foreach (var disk in (IBlockDevice[])[first, second])
            Assert.True(fixture.Machine.Run(disk.ReadAsync(1, new byte[512])).IsSuccess);
        fixture.Machine.AssertClean();
    }
}
