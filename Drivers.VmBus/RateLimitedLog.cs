using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus;

/// <summary>A log for what a host can provoke: some lines per interval, then a count of those left out. Thread-safe.</summary>
public sealed class RateLimitedLog
{
    private readonly ILog _log;
    private readonly TimeProvider _clock;
    private readonly int _lines;
    private readonly TimeSpan _interval;
    private readonly Lock _gate = new();
    private long _start;
    private int _written;
    private long _suppressed;

    /// <param name="log">Where lines go.</param>
    /// <param name="clock">Time.</param>
    /// <param name="lines">Lines per interval.</param>
    /// <param name="interval">The interval; ten seconds by default.</param>
    public RateLimitedLog(ILog log, TimeProvider clock, int lines = 5, TimeSpan? interval = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _log = log;
        _clock = clock;
        _lines = lines;
        _interval = interval ?? TimeSpan.FromSeconds(10);
        _start = clock.GetTimestamp();
    }

    /// <summary>Writes a warning, or counts it.</summary>
    public void Warning(string message)
    {
        long suppressed = 0;
        lock (_gate)
        {
            if (_clock.GetElapsedTime(_start) >= _interval)
            {
                _start = _clock.GetTimestamp();
                _written = 0;
                suppressed = _suppressed;
                _suppressed = 0;
            }

            if (_written >= _lines)
            {
                _suppressed++;
                return;
            }

            _written++;
        }

        if (suppressed > 0)
            _log.Warning($"{suppressed} more lines of this kind were left out");
        _log.Warning(message);
    }
}
