using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Sandbox.Storage;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>One driver, whose verbs the test calls, on a host with one accelerator; its states are looked at after each step.</summary>
internal sealed class StorvscLife : IDisposable
{
    private readonly UndrivenDriver _driver = new(new StorvscDriver());

    public StorvscLife()
    {
        Fixture = StorageFixture.Ide(new StorageProviderOptions { AnswerLatency = () => Latency }, connect: false);
        Machine.Drivers.Clear();
        Machine.Drivers.Add(_driver);
        Machine.Connect();
    }

    /// <summary>Called after each step.</summary>
    public Action? See { get; set; }

    public TimeSpan Latency { get; set; }

    public StorageFixture Fixture { get; }

    public StorageMachine Machine => Fixture.Machine;

    public StorageProvider Provider => Fixture.Provider;

    public StorvscController Driver => (StorvscController)_driver.Instance;

    public Task Begin(Func<StorvscController, ValueTask> verb)
    {
        var task = verb(Driver).AsTask();
        See?.Invoke();
        return task;
    }

    /// <summary>Calls a verb to its end; one that comes out of turn, or that the host is against, may fail.</summary>
    public void Do(Func<StorvscController, ValueTask> verb)
    {
        var task = Begin(verb);
        Until(() => task.IsCompleted);
        if (task.Exception?.InnerException is { } failure)
            Assert.True(failure is InvalidOperationException or IOException or VmBusException or OperationCanceledException, failure.ToString());
    }

    public void Start()
    {
        Do(driver => driver.AttachAsync(default));
        Do(driver => driver.StartAsync(default));
    }

    public void Act(Action act)
    {
        act();
        Advance(TimeSpan.FromSeconds(5));
    }

    public void Advance(TimeSpan time)
    {
        var end = Machine.Clock.Elapsed + time;
        using var timer = Machine.Clock.CreateTimer(static _ => { }, null, time, Timeout.InfiniteTimeSpan);
        Until(() => Machine.Clock.Elapsed >= end);
    }

    /// <summary>The host tells of a change on the bus; it has come when this returns.</summary>
    public void Want()
    {
        Provider.SendEvent(StorageOperation.EnumerateBus);
        Advance(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>The host does not answer one more command.</summary>
    public void LeaveUnanswered()
    {
        if (Machine.Disks.Count == 0)
            return;
        Provider.Faults.Swallowed = 1;
        var lost = Machine.Disks[0].ReadAsync(0, new byte[512]).AsTask();
        Until(() => lost.IsCompleted);
        Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>A command is answered so late.</summary>
    public void BeLate(int seconds)
    {
        Start();
        Latency = TimeSpan.FromSeconds(seconds);
        var late = Machine.Disks[0].ReadAsync(0, new byte[512]).AsTask();
        Until(() => late.IsCompleted);
        Latency = TimeSpan.Zero;
        Advance(TimeSpan.FromSeconds(10));
    }

    /// <summary>Whatever has happened, the driver lets go of everything.</summary>
    public void End()
    {
        Do(driver => driver.DetachAsync(default));
        Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(StorvscState.Detached, Driver.State);
        Assert.Empty(Machine.Disks);
        Assert.Empty(Machine.Memory.Violations);
    }

    public void Dispose() => Fixture.Dispose();

    private void Until(Func<bool> condition) => Machine.RunUntil(() =>
    {
        See?.Invoke();
        return condition();
    });
}
