using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Tests.Hypervisor;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>A guest and its scripted host, on a clock that the test moves.</summary>
internal sealed class BusFixture : IVmBusObserver, IDisposable
{
    private readonly int _pagesBefore;

    public BusFixture(
        VmBusVersion? host = null, VmBusOptions? options = null, int processors = 1, int seed = 1, Func<int, uint>? vpIndexOf = null, bool hostListens = true)
    {
        Machine = new TestPartition(new PartitionOptions { Processors = processors, VpIndexOf = vpIndexOf ?? (static processor => (uint)processor) }, seed);
        Host = new ScriptedHost(Machine, host);
        if (!hostListens)
            Machine.Model.Hypercalls.MessagePorts.Clear();
        Hypercalls = Machine.EnableHypercalls();
        var platform = Machine.Platform;
        Executor = new HeldExecutor(platform.Executor);
        platform = new ProcessorPlatform
        {
            CpuId = platform.CpuId,
            Msr = platform.Msr,
            Hypercall = platform.Hypercall,
            Tsc = platform.Tsc,
            Processors = platform.Processors,
            Vectors = platform.Vectors,
            Executor = Executor,
            SharedPages = platform.SharedPages,
            Dma = platform.Dma,
            Clock = platform.Clock,
            Log = platform.Log,
        };
        Bus = new VmBusConnection(
            platform, Hypercalls, new VirtualProcessors(Machine.Platform, Machine.Info), this, options);
        SynIc = new SynIc(Machine.Platform, Machine.Info, Bus.Source);
        SynIc.Start();
        _pagesBefore = Machine.Memory.PageCount;
    }

    public TestPartition Machine { get; }

    public ScriptedHost Host { get; }

    public Hypercalls Hypercalls { get; }

    public HeldExecutor Executor { get; }

    public VmBusConnection Bus { get; }

    public SynIc SynIc { get; }

    /// <summary>What the observer was told, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>What ends when the users of a rescinded device have let go; at once when it is null.</summary>
    public Func<VmBusDevice, Task>? LetGo { get; set; }

    /// <summary>Pages that the guest has beyond those that it had before it connected.</summary>
    public int PagesInUse => Machine.Memory.PageCount - _pagesBefore;

    public VmBusDevice this[uint relId] => Bus.Devices.Single(device => device.Channel.RelId.Value == relId);

    public void OnOffered(VmBusDevice device) => Told.Add($"offered {device.Channel.RelId}");

    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        Told.Add($"rescinded {device.Channel.RelId}");
        if (LetGo is not null)
            await LetGo(device).ConfigureAwait(false);
    }

    public void OnBroken(VmBusDevice device, string reason) => Told.Add($"broken {device.Channel.RelId}: {reason}");

    public void Connect() => Run(Bus.ConnectAsync(SynIc));

    /// <summary>Everything that is due now, and what follows from it.</summary>
    public void Settle() => Machine.Clock.Advance(TimeSpan.Zero);

    public void Advance(double seconds) => Machine.Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Run(ValueTask task) => Run(task.AsTask());

    public T Run<T>(ValueTask<T> task)
    {
        var whole = task.AsTask();
        Run((Task)whole);
        return whole.Result;
    }

    /// <summary>Moves the clock until the task has ended; nothing may wait for more than five minutes.</summary>
    public void Run(Task task)
    {
        var start = Machine.Clock.Elapsed;
        while (!task.IsCompleted)
        {
            if (!Machine.Clock.RunNext())
                throw new InvalidOperationException("The task waits for something that never happens.");
            Assert.True(Machine.Clock.Elapsed - start < TimeSpan.FromMinutes(5), "The task has no bound.");
        }

        task.GetAwaiter().GetResult();
    }

    public VmBusException Fails(ValueTask task) => Assert.Throws<VmBusException>(() => Run(task));

    public VmBusException Fails<T>(ValueTask<T> task) => Assert.Throws<VmBusException>(() => { Run(task.AsTask()); });

    /// <summary>Nothing that the host may still use was freed, and the guest kept its rules.</summary>
    public void Dispose()
    {
        Settle();
        Assert.Empty(Machine.Memory.Violations);
        Assert.All(Host.Channels.Values.Where(channel => channel.Opened is not null), channel => Assert.Null(channel.Reader.Violation));
        Assert.DoesNotContain(Machine.Log.Lines, line => line.Text.Contains("pump goes on", StringComparison.Ordinal));
        Machine.Dispose();
    }
}
