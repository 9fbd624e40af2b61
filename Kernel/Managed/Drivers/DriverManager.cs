using GuestOS.Kernel.Block;
using GuestOS.Kernel.Events;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Pci;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Drivers;

/// <summary>
/// Binds drivers to devices: the most specific match first, with exactly the declared resources, and with a deadline for every verb.
/// Whatever a driver does wrong fails its own device only.
/// </summary>
internal sealed class DriverManager
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
        {
            var bound = new BoundDevice(device, _registry, _networks, _balloons);
            lock (_lock)
                _devices.Add(bound);
            await BindOneAsync(bound).ConfigureAwait(false);
        }
    }

    /// <summary>Detaches all devices, the last one first: at the end of the run.</summary>
    public async Task DetachAllAsync()
    {
        foreach (BoundDevice bound in Devices.Reverse())
            await DetachAsync(bound).ConfigureAwait(false);
    }

    /// <summary>Detaches one device; does nothing when it is not bound.</summary>
    public async Task DetachAsync(BoundDevice bound)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (bound.State is not (DeviceState.Attached or DeviceState.Started or DeviceState.Suspended))
                return;
            string serves = string.Join(' ', bound.Serves);
            string? error = await LetGoAsync(bound).ConfigureAwait(false);
            bound.State = error is null ? DeviceState.Detached : DeviceState.Failed;
            bound.Error = error;
            _events.Changed(bound, serves);
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
            if (bound.State is DeviceState.Attached or DeviceState.Started or DeviceState.Suspended)
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
            foreach (IDriver driver in Candidates(bound.Device))
            {
                if (await TryBindAsync(bound, driver).ConfigureAwait(false))
                    return;
            }

            if (bound.State == DeviceState.Found)
                _events.Changed(bound);
        }
        finally
        {
            bound.Gate.Release();
        }
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

    /// <summary>True when the search is over: the device is started, or has failed.</summary>
    private async Task<bool> TryBindAsync(BoundDevice bound, IDriver driver)
    {
        bound.Driver = driver;
        bound.Reopen();
        try
        {
            bound.Grants = _granter.Grant(
                bound.Device, driver.DeclareResources(bound.Device), bound.Name, exception => _ = FailFromInterruptAsync(bound, exception));
            bound.Instance = driver.Create(_environment.MakeContext(bound, driver, bound.Grants));
            string? refusal = await _verbs.RunAsync("Probe", _verbs.Deadlines.Probe, bound.Instance.ProbeAsync).ConfigureAwait(false);
            if (refusal is not null)
            {
                await LetGoAsync(bound).ConfigureAwait(false);
                bound.Driver = null;
                bound.Error = $"{driver.Name}: {refusal}";
                _environment.Log.Info($"{bound.Name}: the {driver.Name} driver leaves it alone: {refusal}");
                return false;
            }

            await _verbs.RunAsync("Attach", _verbs.Deadlines.Attach, bound.Instance.AttachAsync).ConfigureAwait(false);
            bound.State = DeviceState.Attached;
            bound.Error = null;
            _events.Changed(bound);
            await _verbs.RunAsync("Start", _verbs.Deadlines.Start, bound.Instance.StartAsync).ConfigureAwait(false);
            bound.State = DeviceState.Started;
            _events.Changed(bound);
        }
        catch (Exception exception)
        {
            await FailLockedAsync(bound, exception.Message).ConfigureAwait(false);
        }

        return true;
    }

    private async Task ChangeAsync(
        BoundDevice bound, DeviceState from, DeviceState to, Func<IDriverInstance, CancellationToken, ValueTask> verb, TimeSpan deadline, string name)
    {
        await bound.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (bound.State != from || bound.Instance is null)
                throw new InvalidOperationException($"{bound.Name} is {bound.State}, not {from}.");
            IDriverInstance instance = bound.Instance;
            try
            {
                await _verbs.RunAsync(name, deadline, token => verb(instance, token)).ConfigureAwait(false);
                bound.State = to;
                _events.Changed(bound);
            }
            catch (Exception exception)
            {
                await FailLockedAsync(bound, exception.Message).ConfigureAwait(false);
            }
        }
        finally
        {
            bound.Gate.Release();
        }
    }

    private async Task FailFromInterruptAsync(BoundDevice bound, Exception exception)
    {
        // The interrupt thread must not wait for the gate, which the driver's own verb may hold.
        await Task.Yield();
        await FailAsync(bound, $"its interrupt handler failed: {exception.Message}").ConfigureAwait(false);
    }

    private async Task FailLockedAsync(BoundDevice bound, string reason)
    {
        string? further = await LetGoAsync(bound).ConfigureAwait(false);
        bound.State = DeviceState.Failed;
        bound.Error = further is null ? reason : $"{reason} Then: {further}";
        _events.Changed(bound);
    }

    /// <summary>
    /// Detaches the driver, and takes everything back. A driver whose Detach fails or does not end keeps its register ranges, so that
    /// nobody else meets the device in an unknown state; its interrupts and its bus mastering are switched off.
    /// </summary>
    /// <returns>What went wrong, or null.</returns>
    private async Task<string?> LetGoAsync(BoundDevice bound)
    {
        string? error = null;
        if (bound.Instance is { } instance)
        {
            try
            {
                await _verbs.RunAsync("Detach", _verbs.Deadlines.Detach, instance.DetachAsync).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                error = exception.Message;
            }
        }

        bound.WithdrawAll();
        if (bound.Device is PciDevice pci && bound.Instance is not null)
        {
            ushort command = pci.Configuration.Read16(PciRegisters.Command);
            pci.Configuration.Write16(PciRegisters.Command, (ushort)(command & ~PciRegisters.CommandBusMaster));
        }

        if (error is null)
            bound.Grants?.Dispose();
        else
            bound.Grants?.ReleaseInterrupts();
        bound.Instance = null;
        bound.Grants = null;
        return error;
    }
}
