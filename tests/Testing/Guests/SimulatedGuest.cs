using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Testing.Guests;

/// <summary>
/// A guest on a simulated partition with a VMBus host, and drivers that are bound to what is offered as the kernel binds them: verbs one
/// after another, a verb that fails detaches its device. Everything happens on the caller's thread: the same seed gives the same run.
/// </summary>
public class SimulatedGuest : IVmBusObserver, IPublications, IDisposable
{
    private const int MostSteps = 5_000_000;
    private readonly Dictionary<VmBusDevice, IDriverInstance> _bound = [];
    private readonly Dictionary<VmBusDevice, Task> _binding = [];
    private readonly SimulatedGuestOptions _options;
    private readonly ProcessorPlatform _platform;
    private readonly int _pagesBefore;

    /// <param name="options">What it is like.</param>
    /// <exception cref="InvalidOperationException">The partition has no hypercalls.</exception>
    public SimulatedGuest(SimulatedGuestOptions? options = null)
    {
        _options = options ?? new SimulatedGuestOptions();
        Random = new Random(_options.Seed);
        Clock = _options.Clock ?? new ManualTimeProvider(_options.Seed);
        Memory = _options.Memory ?? new SimulatedMemory(Random);
        Partition = new SimulatedPartition(Clock, Memory, Log, new PartitionOptions { Processors = _options.Processors, VpIndexOf = _options.VpIndexOf });
        Host = new VmBusHost(new PartitionTransport(Partition), _options.Host);
        _platform = _options.Platform is { } replace ? replace(Partition.Platform) : Partition.Platform;
        var info = HypervisorInfo.Detect(_platform.CpuId);
        Hypercalls = new Hypercalls(_platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Require(Hypercalls.Enable() is null, "There are no hypercalls.");
        Bus = new VmBusConnection(_platform, Hypercalls, new VirtualProcessors(_platform, info), this, _options.Bus);
        SynIc = new SynIc(_platform, info, Bus.Source);
        SynIc.Start();
        _pagesBefore = Memory.PageCount;
    }

    /// <summary>Chance, from the seed.</summary>
    public Random Random { get; }

    /// <summary>Time.</summary>
    public ManualTimeProvider Clock { get; }

    /// <summary>Memory.</summary>
    public SimulatedMemory Memory { get; }

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

    /// <summary>The log of drivers and partition.</summary>
    public ListLog Log { get; } = new();

    /// <summary>Drivers; the first that matches a device gets it.</summary>
    public List<IDriver> Drivers { get; } = [];

    /// <summary>What is bound.</summary>
    public IReadOnlyDictionary<VmBusDevice, IDriverInstance> Bound => _bound;

    /// <summary>Disks that are published.</summary>
    public List<IBlockDevice> Disks { get; } = [];

    /// <summary>Network adapters that are published.</summary>
    public List<INetworkDevice> Adapters { get; } = [];

    /// <summary>Balloons that are published.</summary>
    public List<IMemoryBalloon> Balloons { get; } = [];

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

    /// <summary>Work of the guest that is not on the clock: does one thing, or has none.</summary>
    public Func<bool>? OtherWork { get; set; }

    /// <summary>Connects, and binds what is offered.</summary>
    /// <exception cref="VmBusException">There is no connection.</exception>
    public virtual void Connect()
    {
        Run(Bus.ConnectAsync(SynIc));
        RunUntil(() => Busy == 0);
    }

    /// <summary>Moves the clock until the task has ended.</summary>
    public T Run<T>(ValueTask<T> task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    /// <summary>Moves the clock until the task has ended.</summary>
    public void Run(ValueTask task) => Run(task.AsTask());

    /// <summary>Moves the clock until the task has ended.</summary>
    public void Run(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Moves the clock until something holds.</summary>
    /// <exception cref="InvalidOperationException">It takes longer than anything may, or nothing is left that could bring it about.</exception>
    public void RunUntil(Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var start = Clock.Elapsed;
        for (var steps = 0; !condition(); steps++)
        {
            if (OtherWork?.Invoke() == true)
                continue;
            Require(Clock.RunNext(), "Nothing is going to happen any more.");
            Require(Clock.Elapsed - start < _options.Patience && steps < MostSteps, "Too long.");
        }
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
    public virtual void Publish(IBlockDevice device) => Disks.Add(device);

    /// <inheritdoc/>
    public virtual void Withdraw(IBlockDevice device) => Require(Disks.Remove(device), "A disk is withdrawn that was not published.");

    /// <inheritdoc/>
    public void Publish(INetworkDevice device) => Adapters.Add(device);

    /// <inheritdoc/>
    public void Withdraw(INetworkDevice device) => Require(Adapters.Remove(device), "An adapter is withdrawn that was not published.");

    /// <inheritdoc/>
    public void Publish(IMemoryBalloon balloon) => Balloons.Add(balloon);

    /// <inheritdoc/>
    public void Withdraw(IMemoryBalloon balloon) => Require(Balloons.Remove(balloon), "A balloon is withdrawn that was not published.");

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

    /// <summary>Throws when something is not as it must be.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    protected static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException(what);
    }

    private static bool MayLeaveAVerb(Exception exception) =>
        exception is IOException or TimeoutException or VmBusException or InsufficientMemoryException or OperationCanceledException;

    private async Task BindAsync(IDriver driver, VmBusDevice device)
    {
        Busy++;
        var instance = driver.Create(new DriverContext
        {
            Device = device,
            Registers = new Dictionary<string, IRegisterWindow>(),
            Interrupts = new Dictionary<string, IInterrupt>(),
            Dma = Memory,
            DynamicMemory = _options.DynamicMemory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Processors = _platform.Processors,
            Log = Log,
            Publications = this,
            Options = _options.DriverOptions,
        });
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
