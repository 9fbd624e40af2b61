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
    private readonly Dictionary<VmBusDevice, Task> _binding = [];
    private readonly DriverSetup _setup;
    private readonly int _pagesBefore;

    /// <param name="options">What it is like.</param>
    /// <exception cref="InvalidOperationException">The partition has no hypercalls.</exception>
    public SimulatedGuest(SimulatedGuestOptions? options = null)
        : base((options ??= new SimulatedGuestOptions()).Seed, options.Clock, options.Memory)
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

    /// <summary>Bindings that are being made or undone.</summary>
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
    public void Suspend()
    {
        foreach (var device in _bound.Keys.ToArray())
            RunVerb(device, static instance => instance.SuspendAsync(default));
        Run(Bus.SuspendAsync());
    }

    /// <summary>Resumes the bus, then all that is bound.</summary>
    /// <exception cref="VmBusException">The bus could not be.</exception>
    public void Resume()
    {
        Run(Bus.ResumeAsync());
        foreach (var device in _bound.Keys.ToArray())
            RunVerb(device, static instance => instance.ResumeAsync(default));
    }

    /// <summary>Detaches all that is bound.</summary>
    public void DetachAll()
    {
        foreach (var device in _bound.Keys.ToArray())
            Run(UnbindAsync(device));
        RunUntil(() => Busy == 0);
    }

    /// <inheritdoc/>
    public void OnOffered(VmBusDevice device)
    {
        if (Drivers.Find(driver => driver.Matches.Any(match => match.Score(device) > 0)) is { } driver)
            _binding[device] = BindAsync(driver, device);
    }

    /// <inheritdoc/>
    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        await UnbindAsync(device).ConfigureAwait(false);
        _binding.Remove(device);
    }

    /// <inheritdoc/>
    public void OnBroken(VmBusDevice device, string reason)
    {
        Broken.Add(reason);
        _ = UnbindAsync(device);
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

    private async Task BindAsync(IDriver driver, VmBusDevice device)
    {
        Busy++;
        var instance = _setup.Create(driver, device);
        await TryAsync(device, StartAsync).ConfigureAwait(false);
        Busy--;

        async ValueTask StartAsync()
        {
            if (await instance.ProbeAsync(default).ConfigureAwait(false) is { } refusal)
            {
                Failures.Add(refusal);
                return;
            }

            _bound.Add(device, instance);
            await instance.AttachAsync(default).ConfigureAwait(false);
            await instance.StartAsync(default).ConfigureAwait(false);
        }
    }

    /// <summary>A verb of what is bound still; a rescind meanwhile waits for its end.</summary>
    private void RunVerb(VmBusDevice device, Func<IDriverInstance, ValueTask> verb)
    {
        if (!_bound.TryGetValue(device, out var instance))
            return;
        var end = TryAsync(device, () => verb(instance));
        _binding[device] = end;
        Run(end);
    }

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

    private async Task UnbindAsync(VmBusDevice device)
    {
        if (_binding.TryGetValue(device, out var binding))
            await binding.ConfigureAwait(false);
        await DetachAsync(device).ConfigureAwait(false);
    }

    private async Task DetachAsync(VmBusDevice device)
    {
        if (!_bound.Remove(device, out var instance))
            return;
        Busy++;
        try
        {
            await instance.DetachAsync(default).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Escaped.Add(exception);
        }
        finally
        {
            Busy--;
        }
    }
}
