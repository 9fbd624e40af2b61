using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Power;
using GuestOS.Machine.Processors;
using GuestOS.Machine.Time;
using GuestOS.Services.Frame;
using GuestOS.Services.Heartbeat;
using GuestOS.Services.KeyValue;
using GuestOS.Services.Shutdown;
using GuestOS.Services.TimeSync;

namespace GuestOS.Services;

/// <summary>The integration services of one machine: what its program talks to, and the drivers that serve the host.</summary>
public sealed class GuestServices
{
    private readonly IntegrationDriver[] _drivers;

    /// <param name="facts">What the guest says of itself.</param>
    /// <param name="wallClock">The time of day.</param>
    /// <param name="power">Ends the machine.</param>
    /// <param name="executor">Where work runs that takes longer.</param>
    /// <param name="clock">Timestamps and timers.</param>
    /// <param name="log">The log.</param>
    public GuestServices(GuestFacts facts, IWallClock wallClock, IMachinePower power, IExecutor executor, TimeProvider clock, ILog log)
    {
        Heartbeat = new HeartbeatService();
        Shutdown = new ShutdownService(power, executor, clock, log);
        TimeSync = new TimeSyncService(wallClock, log);
        KeyValues = new KeyValueService(facts);
        _drivers = [new(Heartbeat), new(Shutdown), new(TimeSync), new(KeyValues)];
    }

    /// <summary>Heartbeat: how the program is.</summary>
    public HeartbeatService Heartbeat { get; }

    /// <summary>Shutdown: who is asked before the machine goes down.</summary>
    public ShutdownService Shutdown { get; }

    /// <summary>Time of day.</summary>
    public TimeSyncService TimeSync { get; }

    /// <summary>Data exchange: keys for the host, and from it.</summary>
    public KeyValueService KeyValues { get; }

    /// <summary>The services' drivers, for the kernel to bind.</summary>
    public IReadOnlyList<IDriver> Drivers => _drivers;

    /// <summary>How each service is.</summary>
    public IReadOnlyList<ServiceStatus> Status
    {
        get
        {
            var status = new ServiceStatus[_drivers.Length];
            for (var i = 0; i < status.Length; i++)
                status[i] = _drivers[i].Status;
            return status;
        }
    }

    /// <summary>Calls for each change of a service's state and each negotiation, on the thread that made it.</summary>
    public void Observe(Action<ServiceStatus> changed)
    {
        foreach (var driver in _drivers)
            driver.Changed = changed;
    }
}
