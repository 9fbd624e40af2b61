using GuestOS.Machine.Time;

namespace GuestOS.Kernel.Time;

/// <summary>
/// The time of day. A slew is many small moves: 50 microseconds ten times a second (500 ppm, as NTP has it). So the clock can go back, but
/// by less than the runtime's timers can tell.
/// </summary>
internal sealed class WallClock : IWallClock, IDisposable
{
    /// <summary>Between two moves of a slew.</summary>
    public static readonly TimeSpan SlewPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>One move of a slew.</summary>
    public static readonly TimeSpan SlewMove = TimeSpan.FromMicroseconds(50);

    private readonly IWallClockMover _mover;
    private readonly TimeProvider _clock;
    private readonly Func<ulong?> _referenceTime;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _remaining;

    /// <param name="mover">Moves the low-level kernel's clock.</param>
    /// <param name="clock">Time, timers, and the time of day as it is.</param>
    /// <param name="referenceTime">The hypervisor's reference time; null where there is none.</param>
    public WallClock(IWallClockMover mover, TimeProvider clock, Func<ulong?> referenceTime)
    {
        _mover = mover;
        _clock = clock;
        _referenceTime = referenceTime;
        _timer = clock.CreateTimer(static state => ((WallClock)state!).Continue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public DateTimeOffset UtcNow => _clock.GetUtcNow();

    public TimeSpan SlewRemaining
    {
        get
        {
            lock (_gate)
                return _remaining;
        }
    }

    public bool TryReadReferenceTime(out ulong units)
    {
        ulong? time = _referenceTime();
        units = time ?? 0;
        return time is not null;
    }

    public void Step(TimeSpan by)
    {
        lock (_gate)
        {
            SetSlew(TimeSpan.Zero);
            _mover.Move(by);
        }
    }

    public void Slew(TimeSpan by)
    {
        lock (_gate)
            SetSlew(by);
    }

    public void Dispose() => _timer.Dispose();

    private void SetSlew(TimeSpan by)
    {
        _remaining = by;
        TimeSpan period = by == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : SlewPeriod;
        _timer.Change(period, period);
    }

    private void Continue()
    {
        lock (_gate)
        {
            if (_remaining == TimeSpan.Zero)
                return;
            TimeSpan move = _remaining.Duration() < SlewMove ? _remaining : _remaining > TimeSpan.Zero ? SlewMove : -SlewMove;
            _mover.Move(move);
            _remaining -= move;
            if (_remaining == TimeSpan.Zero)
                SetSlew(TimeSpan.Zero);
        }
    }
}
