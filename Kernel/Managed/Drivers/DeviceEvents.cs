using GuestOS.Kernel.Events;
using GuestOS.Machine;

namespace GuestOS.Kernel.Drivers;

/// <summary>Writes the <c>device</c> event and the log line of a change.</summary>
internal sealed class DeviceEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;

    public DeviceEvents(IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
    }

    /// <param name="bound">The device that has changed.</param>
    /// <param name="serves">What it serves, or served until now.</param>
    public void Changed(BoundDevice bound, string? serves = null)
    {
        serves ??= string.Join(' ', bound.Serves);
        string state = NameOf(bound.State);
        _events.Write(
            "device",
            new("bus", bound.Device.Bus),
            new("address", bound.Device.Location),
            new("id", bound.Device.Id),
            new("class", bound.Device.Class),
            new("driver", bound.Driver?.Name),
            new("state", state),
            new("serves", serves.Length == 0 ? null : serves),
            new("error", bound.Error));
        if (bound.State == DeviceState.Failed)
            _log.Error($"{bound.Name}: failed: {bound.Error}");
        else if (bound.State != DeviceState.Found)
            _log.Info($"{bound.Name}: {state}{(serves.Length == 0 ? "" : ", serves " + serves)}");
    }

    /// <summary>The state as the event names it.</summary>
    public static string NameOf(DeviceState state) => state switch
    {
        DeviceState.Found => "found",
        DeviceState.Attached => "attached",
        DeviceState.Started => "started",
        DeviceState.Suspended => "suspended",
        DeviceState.Yielded => "yielded",
        DeviceState.Detached => "detached",
        DeviceState.Removed => "removed",
        _ => "failed",
    };
}
