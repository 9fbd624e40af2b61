namespace GuestOS.Testing;

/// <summary>
/// A clock that stands still until a test moves it. Timer callbacks run on the thread that moves it, in the order in which they are due;
/// those due at the same moment in an order that the seed decides. Moving it allocates nothing.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly Random? _random;
    private long _ticks;
    private long _order;
    private volatile string? _stranger;

    /// <param name="seed">Decides the order of timers that are due together; null keeps the order in which they were set.</param>
    public ManualTimeProvider(int? seed = null) => _random = seed is { } value ? new Random(value) : null;

    /// <summary>The moment at which the clock starts.</summary>
    public static DateTimeOffset Start { get; } = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Managed id of the one thread that may set timers; null: any thread may. Moving the clock throws once another one has: what runs there
    /// runs at no moment that the seed decides.
    /// </summary>
    public int? Thread { get; init; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => new(Interlocked.Read(ref _ticks));

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock to the next timer and runs it. False when no timer is set.</summary>
    public bool RunNext() => RunNext(long.MaxValue);

    /// <summary>Moves the clock on, running every timer that becomes due on the way.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Interlocked.Read(ref _ticks) + time.Ticks;
        while (RunNext(end))
        {
        }

        Interlocked.Exchange(ref _ticks, end);
    }

    private bool RunNext(long limit)
    {
        if (_stranger is { } trace)
            throw new InvalidOperationException($"A timer was set on a thread that this clock does not belong to:\n{trace}");
        ManualTimer? next = null;
        lock (_gate)
        {
            var ties = 0;
            foreach (var timer in _timers)
            {
                if (timer.Due > limit || (next is not null && timer.Due > next.Due))
                    continue;
                if (next is null || timer.Due < next.Due)
                {
                    next = timer;
                    ties = 1;
                }
                else if (_random is not null ? _random.Next(++ties) == 0 : timer.Order < next.Order)
                {
                    next = timer;
                }
            }

            if (next is null)
                return false;
            if (next.Due > _ticks)
                Interlocked.Exchange(ref _ticks, next.Due);
            if (next.Period > 0)
                next.Due += next.Period;
            else
                _timers.Remove(next);
        }

        next.Run();
        return true;
    }

    private sealed class ManualTimer : ITimer
    {
        private readonly ManualTimeProvider _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private bool _isDisposed;

        public ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _callback = callback;
            _state = state;
        }

        public long Due { get; set; }

        public long Period { get; private set; }

        public long Order { get; private set; }

        public void Run() => _callback(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_owner.Thread is { } thread && thread != Environment.CurrentManagedThreadId)
                _owner._stranger ??= Environment.StackTrace;
            lock (_owner._gate)
            {
                if (_isDisposed)
                    return false;
                _owner._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = _owner._ticks + dueTime.Ticks;
                Period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                Order = _owner._order++;
                _owner._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (_owner._gate)
            {
                _isDisposed = true;
                _owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
