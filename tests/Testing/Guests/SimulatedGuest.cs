using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Testing.Guests;

/// <summary>
/// A guest on a simulated partition with a VMBus host, and drivers that are bound to what is offered as the kernel binds them: verbs one
/// after another, a verb that fails detaches its device.
/// </summary>
public class SimulatedGuest : ClockedMachine, IVmBusObserver, IDisposable
{
    private readonly Dictionary<VmBusDevice, IDriverInstance> _bound = [];
    private readonly Dictionary<VmBusDevice, Gate> _gates = [];
    private readonly DriverSetup _setup;
    private readonly int _pagesBefore;

    /// <param name="options">What it is like.</param>
    /// <exception cref="InvalidOperationException">The partition has no hypercalls.</exception>
    public SimulatedGuest(SimulatedGuestOptions? options = null)
        : base((options ??= new SimulatedGuestOptions()).Seed, options.Clock, options.Memory, options.Arrays)
    {
        Patience = options.Patience;
        Partition = new SimulatedPartition(Clock, Memory, Log, new PartitionOptions { Processors = options.Processors, VpIndexOf = options.VpIndexOf });
        Host = new VmBusHost(new PartitionTransport(Partition), options.Host);
        var platform = options.Platform is { } replace ? replace(Partition.Platform) : Partition.Platform;
        var info = HypervisorInfo.Detect(platform.CpuId);
        Hypercalls = new Hypercalls(platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Require(Hypercalls.Enable() is null, "There are no hypercalls.");
        Bus = new VmBusConnection(platform, Hypercalls, new VirtualProcessors(platform, info), this, options.Bus);
        SynIc = new SynIc(platform, info, Bus.Source);
        SynIc.Start();
        _setup = Setup(options.DriverOptions) with { DynamicMemory = options.DynamicMemory, Processors = platform.Processors };
        _pagesBefore = Memory.PageCount;
    }

    /// <summary>The hypervisor.</summary>
    public SimulatedPartition Partition { get; }

    /// <summary>The host.</summary>
    public VmBusHost Host { get; }

    /// <summary>The guest's calls to the hypervisor.</summary>
    public Hypercalls Hypercalls { get; }

    /// <summary>The guest's connection.</summary>
    public VmBusConnection Bus { get; }

    /// <summary>The guest's interrupt controller.</summary>
    public SynIc SynIc { get; }

    /// <summary>Drivers; the first that matches a device gets it.</summary>
    public List<IDriver> Drivers { get; } = [];

    /// <summary>What is bound.</summary>
    public IReadOnlyDictionary<VmBusDevice, IDriverInstance> Bound => _bound;

    /// <summary>Why drivers could not be started.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Why channels broke.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>What verbs threw that no driver may throw.</summary>
    public List<Exception> Escaped { get; } = [];

    /// <summary>Verbs that run, or wait for their turn.</summary>
    public int Busy { get; private set; }

    /// <summary>Pages that the connection and the drivers have.</summary>
    public int PagesInUse => Memory.PageCount - _pagesBefore;

    /// <summary>Connects, and binds what is offered.</summary>
    /// <exception cref="VmBusException">There is no connection.</exception>
    public virtual void Connect()
    {
        Run(Bus.ConnectAsync(SynIc));
        RunUntil(() => Busy == 0);
    }

    /// <summary>Everything that is due now, and what follows from it at once.</summary>
    public virtual void Settle()
    {
        for (var i = 0; i < 100; i++)
        {
            while (OtherWork?.Invoke() == true)
            {
            }

            Clock.Advance(TimeSpan.FromMicroseconds(10));
        }
    }

    /// <summary>Suspends all that is bound, then the bus.</summary>
    /// <exception cref="VmBusException">The bus could not be.</exception>
    public async Task SuspendAsync()
    {
        await EachAsync(static instance => instance.SuspendAsync(default)).ConfigureAwait(false);
        await Bus.SuspendAsync().ConfigureAwait(false);
    }

    /// <summary>Resumes the bus, then all that is bound.</summary>
    /// <exception cref="VmBusException">The bus could not be.</exception>
    public async Task ResumeAsync()
    {
        await Bus.ResumeAsync().ConfigureAwait(false);
        await EachAsync(static instance => instance.ResumeAsync(default)).ConfigureAwait(false);
    }

    /// <summary>Detaches all that is bound, or being bound, one after another.</summary>
    public async Task DetachAllAsync()
    {
        foreach (var device in _gates.Keys.ToArray())
            await VerbAsync(device, () => DetachAsync(device)).ConfigureAwait(false);
    }

    /// <summary>The same, and moves the clock until no verb runs any more.</summary>
    public void DetachAll()
    {
        Run(DetachAllAsync());
        RunUntil(() => Busy == 0);
    }

    /// <inheritdoc/>
    public virtual void OnOffered(VmBusDevice device)
    {
        if (Drivers.Find(driver => driver.Matches.Any(match => match.Score(device) > 0)) is not { } driver)
            return;
        _gates[device] = new Gate();
        _ = VerbAsync(device, () => BindAsync(driver, device));
    }

    /// <inheritdoc/>
    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        await VerbAsync(device, () => DetachAsync(device)).ConfigureAwait(false);
        _gates.Remove(device);
    }

    /// <inheritdoc/>
    public void OnBroken(VmBusDevice device, string reason)
    {
        Broken.Add(reason);
        _ = VerbAsync(device, () => DetachAsync(device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends host and partition.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Memory.AtBarrier = null;
        Host.Dispose();
        Partition.Dispose();
    }

    private static bool MayLeaveAVerb(Exception exception) =>
        exception is IOException or TimeoutException or VmBusException or InsufficientMemoryException or OperationCanceledException;

    /// <summary>A verb of a device, one at a time.</summary>
    private async Task VerbAsync(VmBusDevice device, Func<Task> verb)
    {
        if (!_gates.TryGetValue(device, out var gate))
            return;
        Busy++;
        await gate.EnterAsync().ConfigureAwait(false);
        await verb().ConfigureAwait(false);
        Busy--;
        gate.Leave();
    }

    /// <summary>A verb of everything that is bound when its turn comes.</summary>
    private async Task EachAsync(Func<IDriverInstance, ValueTask> verb)
    {
        foreach (var device in _gates.Keys.ToArray())
            await VerbAsync(device, () => _bound.TryGetValue(device, out var instance) ? TryAsync(device, () => verb(instance)) : Task.CompletedTask).ConfigureAwait(false);
    }

    private Task BindAsync(IDriver driver, VmBusDevice device) => TryAsync(device, async () =>
    {
        var instance = _setup.Create(driver, device);
        _bound.Add(device, instance);
        if (await instance.ProbeAsync(default).ConfigureAwait(false) is { } refusal)
        {
            Failures.Add(refusal);
            await DetachAsync(device).ConfigureAwait(false);
            return;
        }

        await instance.AttachAsync(default).ConfigureAwait(false);
        await instance.StartAsync(default).ConfigureAwait(false);
    });

    private async Task TryAsync(VmBusDevice device, Func<ValueTask> verb)
    {
        try
        {
            await verb().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!MayLeaveAVerb(exception))
                Escaped.Add(exception);
            Failures.Add(exception.Message);
            await DetachAsync(device).ConfigureAwait(false);
        }
    }

    private async Task DetachAsync(VmBusDevice device)
    {
        if (!_bound.Remove(device, out var instance))
            return;
        try
        {
            await instance.DetachAsync(default).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Escaped.Add(exception);
        }
    }
}
