using GuestOS.Kernel.Events;
using GuestOS.Machine;
using GuestOS.Services;
using GuestOS.Services.Frame;

namespace GuestOS.Kernel.Services;

/// <summary>Writes the <c>service</c> event and the log line of a change.</summary>
internal sealed class ServiceEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;

    public ServiceEvents(GuestServices services, IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
        services.Observe(Report);
    }

    /// <summary>The state as the event names it.</summary>
    public static string NameOf(ServiceState state) => state switch
    {
        ServiceState.Started => "started",
        ServiceState.Negotiated => "negotiated",
        ServiceState.Stopped => "stopped",
        ServiceState.Failed => "failed",
        _ => "absent",
    };

    private void Report(ServiceStatus status)
    {
        _events.Write(
            "service",
            new("name", status.Name),
            new("versions", status.Versions),
            new("state", NameOf(status.State)),
            new("error", status.Error));
        string line = $"{status.Name}: {NameOf(status.State)}{(status.Versions is null ? "" : $", versions {status.Versions}")}{(status.Error is null ? "" : $": {status.Error}")}";
        _log.Write(status.State == ServiceState.Failed ? LogLevel.Error : LogLevel.Info, line);
    }
}
