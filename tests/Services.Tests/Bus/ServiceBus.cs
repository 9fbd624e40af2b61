using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.KeyValue;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Services.Tests.Bus;

/// <summary>A guest with all services on a simulated host, on a clock that the test moves: from the driver to the bytes of the ring.</summary>
internal sealed class ServiceBus : IVmBusObserver, IPublications, IDisposable
{
    private readonly SimulatedMemory _memory;
    private readonly SimulatedPartition _partition;
    private readonly SynIc _synic;
    private readonly Dictionary<VmBusDevice, IDriverInstance> _bound = [];

    public ServiceBus(int seed = 1, VmBusVersion? hostVersion = null)
    {
        Clock = new ManualTimeProvider(seed);
        Wall = new FakeWallClock(Clock);
        _memory = new SimulatedMemory(new Random(seed));
        _partition = new SimulatedPartition(Clock, _memory, Log);
        Host = new VmBusHost(new PartitionTransport(_partition), hostVersion is { } version ? new VmBusHostOptions { HighestVersion = version } : null);
        var facts = new GuestFacts { ServicesVersion = "1", OsName = "GuestOS", KernelVersion = "1.2.3", BuildNumber = "3", MajorVersion = "1", MinorVersion = "2" };
        Services = new GuestServices(facts, Wall, Power, _partition.Platform.Executor, Clock, Log);
        var info = HypervisorInfo.Detect(_partition.Platform.CpuId);
        var hypercalls = new Hypercalls(_partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(hypercalls.Enable());
        Connection = new VmBusConnection(_partition.Platform, hypercalls, new VirtualProcessors(_partition.Platform, info), this);
        _synic = new SynIc(_partition.Platform, info, Connection.Source);
        _synic.Start();
    }

    public ManualTimeProvider Clock { get; }

    public FakeWallClock Wall { get; }

    public FakePower Power { get; } = new();

    public RecordingLog Log { get; } = new();

    public VmBusHost Host { get; }

    public GuestServices Services { get; }

    public VmBusConnection Connection { get; }

    public ulong ReferenceTime => _partition.ReferenceTime;

    /// <summary>What binding or detaching a driver ended with, where it did not end well.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The host may have found fault with an answer, since it had asked for it.</summary>
    public bool AllowsGuestErrors { get; set; }

    public IDriverInstance Instance => Assert.Single(_bound).Value;

    public void Connect() => Run(Connection.ConnectAsync(_synic).AsTask());

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Run(Task task)
    {
        while (!task.IsCompleted)
            Assert.True(Clock.RunNext(), "The task waits for something that never happens.");
        task.GetAwaiter().GetResult();
    }

    public void OnOffered(VmBusDevice device)
    {
        foreach (var driver in Services.Drivers)
            if (driver.Matches[0].Score(device) > 0)
                _ = BindAsync(driver, device);
    }

    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        if (_bound.Remove(device, out var instance))
            await instance.DetachAsync(default).ConfigureAwait(false);
    }

    public void OnBroken(VmBusDevice device, string reason) => Failures.Add($"broken: {reason}");

    public void Publish(IBlockDevice device) => throw new InvalidOperationException("A service has no disk.");

    public void Withdraw(IBlockDevice device) => throw new InvalidOperationException("A service has no disk.");

    public void Publish(INetworkDevice device) => throw new InvalidOperationException("A service has no network.");

    public void Withdraw(INetworkDevice device) => throw new InvalidOperationException("A service has no network.");

    public void Publish(IMemoryBalloon balloon) => throw new InvalidOperationException("A service has no balloon.");

    public void Withdraw(IMemoryBalloon balloon) => throw new InvalidOperationException("A service has no balloon.");

    /// <summary>The host saw nothing wrong, and no memory that it may still use was freed.</summary>
    public void Dispose()
    {
        Clock.Advance(TimeSpan.Zero);
        Assert.Empty(_memory.Violations);
        if (!AllowsGuestErrors)
            Assert.Empty(Host.GuestErrors);
        _synic.Dispose();
        Host.Dispose();
        _partition.Dispose();
    }

    private async Task BindAsync(IDriver driver, VmBusDevice device)
    {
        var instance = driver.Create(new DriverContext
        {
            Device = device,
            Registers = new Dictionary<string, IRegisterWindow>(),
            Interrupts = new Dictionary<string, IInterrupt>(),
            Dma = _memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Log = Log,
            Publications = this,
        });
        _bound[device] = instance;
        try
        {
            Assert.Null(await instance.ProbeAsync(default).ConfigureAwait(false));
            await instance.AttachAsync(default).ConfigureAwait(false);
            await instance.StartAsync(default).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Failures.Add(exception.Message);
            await instance.DetachAsync(default).ConfigureAwait(false);
            _bound.Remove(device);
        }
    }
}
