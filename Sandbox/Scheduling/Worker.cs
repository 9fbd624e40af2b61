namespace GuestOS.Sandbox.Scheduling;

/// <summary>
/// Someone who does one thing after another: a virtual processor's interrupt, the host's message loop, a channel's worker. Each thing is
/// a timer that is due now, so that a clock driven by a test interleaves the workers as its seed decides, and a real clock runs them
/// side by side.
/// </summary>
public sealed class Worker : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _queue = new();
    private readonly ITimer _timer;
    private readonly TimeSpan _latency;
    private bool _isDue;
    private bool _isRunning;
    private bool _isStopped;

    /// <param name="clock">Time.</param>
    /// <param name="latency">From an item's turn until it is done.</param>
    public Worker(TimeProvider clock, TimeSpan latency = default)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _latency = latency;
        _timer = clock.CreateTimer(static state => ((Worker)state!).RunOne(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Things that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _queue.Count;
        }
    }

    /// <summary>Adds a thing to do; it never runs inside of this call.</summary>
    public void Post(Action action)
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            _queue.Enqueue(action);
            Schedule();
        }
    }

    /// <summary>Does the next thing inside of this call, before its time. False when there is none, or one is being done.</summary>
    public bool TryRunNow()
    {
        Action? action;
        lock (_gate)
        {
            if (_isRunning || _latency > TimeSpan.Zero || !_queue.TryDequeue(out action))
                return false;
            _isRunning = true;
        }

        Run(action);
        return true;
    }

    /// <summary>Forgets everything and takes nothing more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            _queue.Clear();
        }

        _timer.Dispose();
    }

    private void Schedule()
    {
        if (_isDue || _isRunning || _queue.Count == 0)
            return;
        _isDue = true;
        _timer.Change(_latency, Timeout.InfiniteTimeSpan);
    }

    private void RunOne()
    {
        Action? action;
        lock (_gate)
        {
            _isDue = false;
            if (_isRunning || !_queue.TryDequeue(out action))
                return;
            _isRunning = true;
        }

        Run(action);
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        finally
        {
            lock (_gate)
            {
                _isRunning = false;
                if (!_isStopped)
                    Schedule();
            }
        }
    }
}
