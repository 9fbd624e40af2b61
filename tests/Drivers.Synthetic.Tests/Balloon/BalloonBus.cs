using GuestOS.Drivers.Synthetic.Balloon;
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
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>The driver on a simulated host, on a clock that the test moves: from its verbs to the bytes of the ring.</summary>
internal sealed class BalloonBus : IVmBusObserver, IPublications, ILog, IDisposable
{
    private readonly SimulatedMemory _dma;
    private readonly SimulatedPartition _partition;
    private readonly SynIc _synic;
    private readonly Dictionary<string, string> _options = new() { ["inline"] = "1" };

    public BalloonBus(int seed = 1, SimulatedDynamicMemory? memory = null, string? version = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        if (version is not null)
            _options["version"] = version;
        Memory = memory ?? new SimulatedDynamicMemory(1024 * ScriptedHost.PagesPerMiB);
        Clock = new ManualTimeProvider(seed);
        _dma = new SimulatedMemory(new Random(seed));
        _partition = new SimulatedPartition(Clock, _dma, this);
        Host = new VmBusHost(new PartitionTransport(_partition));
        var info = HypervisorInfo.Detect(_partition.Platform.CpuId);
        var hypercalls = new Hypercalls(_partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(hypercalls.Enable());
        Connection = new VmBusConnection(_partition.Platform, hypercalls, new VirtualProcessors(_partition.Platform, info), this);
        _synic = new SynIc(_partition.Platform, info, Connection.Source);
        _synic.Start();
    }

    public ManualTimeProvider Clock { get; }

    public SimulatedDynamicMemory Memory { get; }

    public VmBusHost Host { get; }

    public VmBusConnection Connection { get; }

    public IDriverInstance? Instance { get; private set; }

    public List<IMemoryBalloon> Published { get; } = [];

    public List<BalloonChange> Changes { get; } = [];

    public List<string> Failures { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>The host may have found fault with an answer, since it had asked for it.</summary>
    public bool AllowsGuestErrors { get; set; }

    public void Connect() => Run(Connection.ConnectAsync(_synic).AsTask());

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Run(ValueTask task) => Run(task.AsTask());

    public void Run(Task task)
    {
        while (!task.IsCompleted)
            Assert.True(Clock.RunNext(), "The task waits for something that never happens.");
        task.GetAwaiter().GetResult();
    }

    public void OnOffered(VmBusDevice device)
    {
        var driver = new BalloonDriver();
        if (driver.Matches[0].Score(device) > 0)
            _ = BindAsync(driver, device);
    }

    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        var instance = Instance;
        Instance = null;
        if (instance is not null)
            await instance.DetachAsync(default).ConfigureAwait(false);
    }

    public void OnBroken(VmBusDevice device, string reason) => Failures.Add($"broken: {reason}");

    public void Publish(IMemoryBalloon balloon)
    {
        Published.Add(balloon);
        balloon.Changed += Changes.Add;
    }

    public void Withdraw(IMemoryBalloon balloon) => Assert.True(Published.Remove(balloon));

    public void Publish(IBlockDevice device) => throw new InvalidOperationException("A balloon has no disk.");

    public void Withdraw(IBlockDevice device) => throw new InvalidOperationException("A balloon has no disk.");

    public void Publish(INetworkDevice device) => throw new InvalidOperationException("A balloon has no network.");

    public void Withdraw(INetworkDevice device) => throw new InvalidOperationException("A balloon has no network.");

    public void Write(LogLevel level, string message) => Lines.Add(message);

    /// <summary>The host saw nothing wrong, no memory that it may still use was freed, and no page is lost.</summary>
    public void Dispose()
    {
        Clock.Advance(TimeSpan.Zero);
        Assert.Empty(_dma.Violations);
        if (!AllowsGuestErrors)
            Assert.Empty(Host.GuestErrors);
        DynamicMemoryFigures figures = Memory.Read();
        Assert.Equal(figures.Total, figures.Free + figures.Taken + figures.Committed);
        _synic.Dispose();
        Host.Dispose();
        _partition.Dispose();
    }

    private async Task BindAsync(BalloonDriver driver, VmBusDevice device)
    {
        Assert.IsType<DynamicMemoryRequest>(Assert.Single(driver.DeclareResources(device)));
        var instance = driver.Create(new DriverContext
        {
            Device = device,
            Registers = new Dictionary<string, IRegisterWindow>(),
            Interrupts = new Dictionary<string, IInterrupt>(),
            Dma = _dma,
            DynamicMemory = Memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Log = this,
            Publications = this,
            Options = _options,
        });
        Instance = instance;
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
        }
    }
}
