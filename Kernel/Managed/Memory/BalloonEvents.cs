using System.Globalization;
using GuestOS.Kernel.Events;
using GuestOS.Kernel.Shell;
using GuestOS.Machine;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Memory;

/// <summary>Writes the <c>balloon</c> event, and a log line, for every request of the host that is over, and when the balloon goes.</summary>
internal sealed class BalloonEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<IMemoryBalloon, Action<BalloonChange>> _watched = [];

    public BalloonEvents(BalloonRegistry registry, IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
        registry.Added += Watch;
        registry.Removed += Forget;
    }

    private void Watch(IMemoryBalloon balloon)
    {
        Action<BalloonChange> onChange = change => Report(balloon, change);
        lock (_lock)
            _watched.Add(balloon, onChange);
        balloon.Changed += onChange;
        Report(balloon, new BalloonChange(BalloonOperation.Negotiate, 0, 0, default, null));
    }

    private void Forget(IMemoryBalloon balloon)
    {
        Action<BalloonChange>? onChange;
        lock (_lock)
            _watched.Remove(balloon, out onChange);
        balloon.Changed -= onChange;
        Write(balloon, "stopped", default);
    }

    private void Report(IMemoryBalloon balloon, BalloonChange change)
    {
        Write(balloon, NameOf(change.Operation), change);
        BalloonStatus status = balloon.Status;
        string taken = ByteSize.Format((UInt128)status.Memory.Taken * PageRange.PageSize);
        string what = change.Operation switch
        {
            BalloonOperation.Negotiate => $"dynamic memory {status.Version}, floor {ByteSize.Format((UInt128)status.Floor * PageRange.PageSize)}",
            BalloonOperation.Inflate => $"{change.Done} of {change.Asked} pages to the host, which has {taken} now",
            BalloonOperation.Deflate => $"{change.Done} of {change.Asked} pages from the host, which has {taken} now",
            _ => $"{change.Done} of {change.Asked} pages were added",
        };
        _log.Write(
            change.Error is null ? LogLevel.Info : LogLevel.Warning,
            string.Create(CultureInfo.InvariantCulture, $"{balloon.Name}: {what}{(change.Error is null ? "" : ": " + change.Error)}"));
    }

    private void Write(IMemoryBalloon balloon, string operation, BalloonChange change)
    {
        BalloonStatus status = balloon.Status;
        _events.Write(
            "balloon",
            new("name", balloon.Name),
            new("version", status.Version),
            new("operation", operation),
            new("asked", change.Asked),
            new("done", change.Done),
            new("ns", (ulong)(change.Time.Ticks * 100)),
            new("total", status.Memory.Total),
            new("free", status.Memory.Free),
            new("committed", status.Memory.Committed),
            new("ballooned", status.Memory.Taken),
            new("hotAdded", status.Memory.Added),
            new("target", status.Memory.Total - status.Memory.Taken),
            new("floor", status.Floor),
            new("error", change.Error));
    }

    private static string NameOf(BalloonOperation operation) => operation switch
    {
        BalloonOperation.Negotiate => "negotiated",
        BalloonOperation.Inflate => "inflate",
        BalloonOperation.Deflate => "deflate",
        _ => "add",
    };
}
