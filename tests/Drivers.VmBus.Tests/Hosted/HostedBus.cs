using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Tests.Hypervisor;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hosted;

/// <summary>A guest on the simulated host. A seed orders all that is due at the same moment.</summary>
internal sealed class HostedBus : IVmBusObserver, IDisposable
{
    private readonly int _pagesBefore;
    private readonly Interleaver? _interleaver;

    public HostedBus(VmBusHostOptions? host = null, VmBusOptions? options = null, int seed = 1, bool interleaves = false)
    {
        Machine = new TestPartition(new PartitionOptions { Processors = 2, VpIndexOf = static processor => (uint)(1 - processor) }, seed);
        Host = new VmBusHost(new PartitionTransport(Machine.Model), host);
        Bus = new VmBusConnection(
            Machine.Platform, Machine.EnableHypercalls(), new VirtualProcessors(Machine.Platform, Machine.Info), this, options);
        SynIc = new SynIc(Machine.Platform, Machine.Info, Bus.Source);
        SynIc.Start();
        _pagesBefore = Machine.Memory.PageCount;
        _interleaver = interleaves ? new Interleaver(Machine.Memory, Host, seed) : null;
    }

    public TestPartition Machine { get; }

    public VmBusHost Host { get; }

    public VmBusConnection Bus { get; }

    public SynIc SynIc { get; }

    public List<string> Told { get; } = [];

    public int PagesInUse => Machine.Memory.PageCount - _pagesBefore;

    public Scenario NewScenario(int seed) => new(Bus, SynIc, Machine.Memory, Machine.Clock, seed);

    public void OnOffered(VmBusDevice device) => Told.Add($"offered {device.Location[..8]}");

    public ValueTask OnRescindedAsync(VmBusDevice device)
    {
        Told.Add($"rescinded {device.Location[..8]}");
        return default;
    }

    public void OnBroken(VmBusDevice device, string reason) => Told.Add($"broken {device.Location[..8]}: {reason}");

    /// <summary>Moves the clock until the task has ended; nothing may wait for more than ten minutes, nor turn in circles.</summary>
    public void Run(Task task)
    {
        var start = Machine.Clock.Elapsed;
        for (var steps = 0; !task.IsCompleted; steps++)
        {
            Assert.True(Machine.Clock.RunNext(), "The task waits for something that never happens.");
            Assert.True(Machine.Clock.Elapsed - start < TimeSpan.FromMinutes(10) && steps < 2_000_000, "The task has no bound.");
        }

        task.GetAwaiter().GetResult();
    }

    public T Run<T>(ValueTask<T> task)
    {
        var whole = task.AsTask();
        Run(whole);
        return whole.Result;
    }

    /// <summary>What must hold with any host.</summary>
    public void AssertSound() => Assert.DoesNotContain(Machine.Log.Lines, line => line.Level == GuestOS.Machine.LogLevel.Error);

    /// <summary>What must hold with a host that keeps to the protocol.</summary>
    public void AssertClean()
    {
        AssertSound();
        Assert.Empty(Host.GuestErrors);
        Assert.Empty(Machine.Memory.Violations);
        Assert.Equal((0, 0L), (PagesInUse, Bus.Counters.LeakedBytes));
    }

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Host.Trace.ToString());
        _interleaver?.Dispose();
        Host.Dispose();
        Machine.Dispose();
    }
}
