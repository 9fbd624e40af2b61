using System.Globalization;
using GuestOS.Kernel.Drivers;
using GuestOS.Kernel.Events;
using GuestOS.Machine;

namespace GuestOS.Kernel.Handoff;

/// <summary>Writes the <c>handoff</c> event with its log line, and the <c>device</c> events of those who yield and come back.</summary>
internal sealed class HandoffEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;

    public HandoffEvents(IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
    }

    public void Write(HandoffReport report)
    {
        _events.Write(
            "handoff",
            new("from", report.From.Name),
            new("to", report.To.Name),
            new("inFlight", report.InFlight),
            new("ns", (long)report.Held.TotalNanoseconds),
            new("result", report.Error is null ? "ok" : "error"),
            new("error", report.Error));
        if (report.Error is not null)
        {
            _log.Error($"{report.To.Name} does not take over from {report.From.Name}: {report.Error}");
            return;
        }

        _log.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.To.Name} takes over from {report.From.Name}: {report.InFlight} requests were drained, held for {report.Held.TotalMilliseconds:0.###} ms."));

        // Who is gone has an event of its own, by its driver's end.
        if (report.From.IsLost)
            Changed(report.To, DeviceState.Started);
        else
            Changed(report.From, DeviceState.Yielded);
    }

    private void Changed(HandoffParty party, DeviceState state) => _events.Write(
        "device",
        new("bus", party.Bus),
        new("address", party.Address),
        new("id", party.Id),
        new("driver", party.Driver),
        new("state", DeviceEvents.NameOf(state)),
        new("serves", party.Name));
}
