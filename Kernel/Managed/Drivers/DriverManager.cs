using GuestOS.Kernel.Block;
using GuestOS.Kernel.Events;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Network;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Drivers;

/// <summary>
/// Binds drivers to devices: the most specific match first, with exactly the declared resources, and with a deadline for every verb.
/// Whatever a driver does wrong fails its own device only.
/// </summary>
internal sealed partial class DriverManager
{
    private readonly IReadOnlyList<IDriver> _drivers;
    private readonly ResourceGranter _granter;
    private readonly BlockRegistry _registry;
    private readonly NetworkRegistry _networks;
    private readonly BalloonRegistry _balloons;
    private readonly DriverEnvironment _environment;
    private readonly VerbRunner _verbs;
    private readonly DeviceEvents _events;
    private readonly Lock _lock = new();
    private readonly List<BoundDevice> _devices = [];
    private bool _isEnding;

    public DriverManager(
        IReadOnlyList<IDriver> drivers,
        ResourceGranter granter,
        BlockRegistry registry,
        NetworkRegistry networks,
        BalloonRegistry balloons,
        DriverEnvironment environment,
        IEventLog events,
        VerbDeadlines deadlines)
    {
        _drivers = drivers;
        _granter = granter;
        _registry = registry;
        _networks = networks;
        _balloons = balloons;
        _environment = environment;
        _verbs = new VerbRunner(environment.Clock, deadlines);
        _events = new DeviceEvents(events, environment.Log);
    }

    /// <summary>A snapshot of all devices.</summary>
    public IReadOnlyList<BoundDevice> Devices
    {
        get
        {
            lock (_lock)
                return [.. _devices];
        }
    }

    /// <summary>Takes devices in, one after another, and binds each to the best driver that wants it.</summary>
    public async Task BindAsync(IEnumerable<BusDevice> devices)
    {
        foreach (BusDevice device in devices)
            await AddAsync(device).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes in one device, at any time, and binds it. Where the same place is still being given up by the driver of a device that went,
    /// it waits for that. Does nothing once <see cref="DetachAllAsync"/> was called.
    /// </summary>
    public async Task AddAsync(BusDevice device)
    {
        var bound = new BoundDevice(device, _registry, _networks, _balloons);
        BoundDevice? predecessor = null;
        lock (_lock)
        {
            if (_isEnding)
                return;
            foreach (BoundDevice other in _devices)
            {
                if (other.Gone.IsCancellationRequested && other.Device.Bus == device.Bus && other.Device.Location == device.Location)
                    predecessor = other;
            }

            _devices.Add(bound);
        }

        if (predecessor is not null)
        {
            await predecessor.Gate.WaitAsync().ConfigureAwait(false);
            predecessor.Gate.Release();
        }

        await BindOneAsync(bound).ConfigureAwait(false);
    }

    /// <summary>
    /// A bus has taken a device back: what its driver is doing is given up, the driver detached, the device forgotten. Does nothing for a
    /// device that is not known.
    /// </summary>
    public async Task RemoveAsync(BusDevice device)
    {
        if (Find(device) is not { } bound)
            return;
        await bound.MarkGoneAsync().ConfigureAwait(false);
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await DetachLockedAsync(bound).ConfigureAwait(false);
            bound.State = DeviceState.Removed;
            _events.Changed(bound);
        }
        finally
        {
            bound.Gate.Release();
            lock (_lock)
                _devices.Remove(bound);
        }
    }

    /// <summary>The entry of a device; null when it is not known.</summary>
    public BoundDevice? Find(BusDevice device)
    {
        lock (_lock)
            return _devices.Find(bound => ReferenceEquals(bound.Device, device));
    }

    /// <summary>Binds a device once more, whose driver was detached or has failed, or that had none.</summary>
    /// <exception cref="InvalidOperationException">It is bound already, or gone.</exception>
    public async Task AttachAsync(BoundDevice bound)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (bound.State is not (DeviceState.Found or DeviceState.Detached or DeviceState.Failed) || bound.Gone.IsCancellationRequested)
                throw new InvalidOperationException($"{bound.Name} is {DeviceEvents.NameOf(bound.State)}.");
            bound.Driver = null;
            bound.Error = null;
            bound.State = DeviceState.Found;
            await BindLockedAsync(bound).ConfigureAwait(false);
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    /// <summary>Detaches all devices, the last one first, and takes in no more: at the end of the run.</summary>
    public async Task DetachAllAsync()
    {
        lock (_lock)
            _isEnding = true;
        foreach (BoundDevice bound in Devices.Reverse())
            await DetachAsync(bound).ConfigureAwait(false);
    }

    /// <summary>Detaches one device; does nothing when it is not bound.</summary>
    public async Task DetachAsync(BoundDevice bound)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await DetachLockedAsync(bound).ConfigureAwait(false);
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    /// <summary>Suspends a started device; what it serves waits.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public Task SuspendAsync(BoundDevice bound) =>
        ChangeAsync(bound, DeviceState.Started, DeviceState.Suspended, (instance, token) => instance.SuspendAsync(token), _verbs.Deadlines.Suspend, "Suspend");

    /// <summary>Undoes <see cref="SuspendAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not suspended.</exception>
    public Task ResumeAsync(BoundDevice bound) =>
        ChangeAsync(bound, DeviceState.Suspended, DeviceState.Started, (instance, token) => instance.ResumeAsync(token), _verbs.Deadlines.Resume, "Resume");

    /// <summary>Fails a device from outside its verbs: its interrupt handler threw.</summary>
    public async Task FailAsync(BoundDevice bound, string reason)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (bound.State is DeviceState.Attached or DeviceState.Started or DeviceState.Suspended or DeviceState.Yielded)
                await FailLockedAsync(bound, reason).ConfigureAwait(false);
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    private async Task BindOneAsync(BoundDevice bound)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!bound.Gone.IsCancellationRequested)
                await BindLockedAsync(bound).ConfigureAwait(false);
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    private async Task BindLockedAsync(BoundDevice bound)
    {
        foreach (IDriver driver in Candidates(bound.Device))
        {
            if (await TryBindAsync(bound, driver).ConfigureAwait(false))
                return;
        }

        if (bound.State == DeviceState.Found)
            _events.Changed(bound);
    }

    /// <summary>
    /// The drivers that match, the best first; among equals the one that was named first. In loops: a chain of LINQ operators makes the
    /// runtime build generic types, which takes longer than binding all devices.
    /// </summary>
    private List<IDriver> Candidates(BusDevice device)
    {
        var found = new List<(IDriver Driver, int Score)>();
        foreach (IDriver driver in _drivers)
        {
            int score = 0;
            foreach (DeviceMatch match in driver.Matches)
                score = Math.Max(score, match.Score(device));
            if (score == 0)
                continue;
            int place = found.Count;
            while (place > 0 && found[place - 1].Score < score)
                place--;
            found.Insert(place, (driver, score));
        }

        return found.ConvertAll(candidate => candidate.Driver);
    }
}
