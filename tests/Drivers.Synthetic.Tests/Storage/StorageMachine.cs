using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>
/// A guest on a simulated partition whose host offers storage, with the driver bound to whatever is offered, as the kernel binds it.
/// Everything happens on the test's thread: the same seed gives the same run.
/// </summary>
internal sealed class StorageMachine : IVmBusObserver, IPublications, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private readonly Dictionary<VmBusDevice, StorvscController> _bound = [];
    private readonly StorvscDriver _driver = new();
    private readonly Dictionary<string, string> _options;

    public StorageMachine(
        int seed = 1,
        int processors = 1,
        ManualTimeProvider? clock = null,
        SimulatedMemory? memory = null,
        VmBusHostOptions? host = null,
        params (string Name, string Value)[] options)
    {
        Random = new Random(seed);
        Clock = clock ?? new ManualTimeProvider(seed);
        Memory = memory ?? new SimulatedMemory(Random);
        Partition = new SimulatedPartition(Clock, Memory, Log, new PartitionOptions { Processors = processors });
        Host = new VmBusHost(new PartitionTransport(Partition), host);
        var info = HypervisorInfo.Detect(Partition.Platform.CpuId);
        Hypercalls = new Hypercalls(Partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Require(Hypercalls.Enable() is null, "There are no hypercalls.");
        Bus = new VmBusConnection(Partition.Platform, Hypercalls, new VirtualProcessors(Partition.Platform, info), this);
        SynIc = new SynIc(Partition.Platform, info, Bus.Source);
        SynIc.Start();
        _options = options.ToDictionary(option => option.Name, option => option.Value);
        _options.TryAdd("inline", "1");
    }

    public Random Random { get; }

    public ManualTimeProvider Clock { get; }

    public SimulatedMemory Memory { get; }

    public SimulatedPartition Partition { get; }

    public VmBusHost Host { get; }

    public Hypercalls Hypercalls { get; }

    public VmBusConnection Bus { get; }

    public SynIc SynIc { get; }

    public ListLog Log { get; } = new();

    public List<IBlockDevice> Published { get; } = [];

    /// <summary>Drivers that could not be started, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Called with what is published; the list above is kept anyway.</summary>
    public Action<IBlockDevice>? OnPublish { get; set; }

    /// <summary>Called with what is withdrawn.</summary>
    public Action<IBlockDevice>? OnWithdraw { get; set; }

    /// <summary>The bindings that are left.</summary>
    public IReadOnlyCollection<StorvscController> Controllers => _bound.Values;

    public StorvscController Controller => _bound.Values.Single();

    /// <summary>Bindings that are being made or undone.</summary>
    public int Busy { get; private set; }

    public void Connect()
    {
        Run(Bus.ConnectAsync(SynIc));
        RunUntil(() => Busy == 0);
    }

    public IBlockDevice Device(string name) => Published.Single(device => device.Name == name);

    public void OnOffered(VmBusDevice device) => _ = BindAsync(device);

    public async ValueTask OnRescindedAsync(VmBusDevice device) => await UnbindAsync(device).ConfigureAwait(false);

    public void OnBroken(VmBusDevice device, string reason) => _ = UnbindAsync(device);

    public void Publish(IBlockDevice device)
    {
        Published.Add(device);
        OnPublish?.Invoke(device);
    }

    public void Withdraw(IBlockDevice device)
    {
        Published.Remove(device);
        OnWithdraw?.Invoke(device);
    }

    public void Publish(INetworkDevice device) => throw new NotSupportedException();

    public void Withdraw(INetworkDevice device) => throw new NotSupportedException();

    public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException();

    public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException();

    /// <summary>Moves the clock until the task is done.</summary>
    public T Run<T>(ValueTask<T> task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    public void Run(ValueTask task) => Run(task.AsTask());

    public void Run(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    public void RunUntil(Func<bool> condition)
    {
        var start = Clock.Elapsed;
        while (!condition())
        {
            Require(Clock.RunNext(), "Nothing is going to happen any more.");
            Require(Clock.Elapsed - start < Patience, "Too long.");
        }
    }

    /// <summary>Everything that is due soon, and what follows from it.</summary>
    public void Settle() => Clock.Advance(TimeSpan.FromSeconds(1));

    public byte[] Bytes(int length)
    {
        var data = new byte[length];
        Random.NextBytes(data);
        return data;
    }

    /// <summary>A program's buffer with random content.</summary>
    public CallerBuffer Buffer(int length, int offset = 0, PagePlacement placement = PagePlacement.Scattered)
    {
        var buffer = Memory.AllocateCaller(length, offset, placement);
        Random.NextBytes(buffer.GetSpan());
        return buffer;
    }

    /// <summary>Detaches all that is bound.</summary>
    public void DetachAll()
    {
        foreach (var device in _bound.Keys.ToArray())
            Run(UnbindAsync(device));
    }

    /// <summary>The guest kept the protocol, and no memory was touched that must not be.</summary>
    public void AssertClean()
    {
        Require(Host.GuestErrors.Count == 0, string.Join("; ", Host.GuestErrors));
        Require(Memory.Violations.IsEmpty, string.Join("; ", Memory.Violations));
    }

    public void Dispose()
    {
        Host.Dispose();
        Partition.Dispose();
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException(what);
    }

    private async Task BindAsync(VmBusDevice device)
    {
        if (!_driver.Matches.Any(match => match.Score(device) > 0))
            return;
        Busy++;
        var controller = (StorvscController)_driver.Create(new DriverContext
        {
            Device = device,
            Registers = new Dictionary<string, IRegisterWindow>(),
            Interrupts = new Dictionary<string, IInterrupt>(),
            Dma = Memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Processors = Partition.Platform.Processors,
            Log = Log,
            Publications = this,
            Options = _options,
        });
        try
        {
            if (await controller.ProbeAsync(default).ConfigureAwait(false) is { } refusal)
            {
                Failures.Add(refusal);
                return;
            }

            _bound.Add(device, controller);
            await controller.AttachAsync(default).ConfigureAwait(false);
            await controller.StartAsync(default).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Failures.Add(exception.Message);
            await UnbindAsync(device).ConfigureAwait(false);
        }
        finally
        {
            Busy--;
        }
    }

    private async Task UnbindAsync(VmBusDevice device)
    {
        if (!_bound.Remove(device, out var controller))
            return;
        Busy++;
        await controller.DetachAsync(default).ConfigureAwait(false);
        Busy--;
    }
}
