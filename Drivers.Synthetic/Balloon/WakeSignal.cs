namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>Wakes one waiter; a signal that comes before the wait is kept. LOCKING: its own.</summary>
internal sealed class WakeSignal
{
    private readonly Lock _gate = new();
    private readonly TaskCreationOptions _continuation;
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    /// <param name="continueInline">The waiter goes on on the thread that signals, for tests; otherwise on the thread pool.</param>
    public WakeSignal(bool continueInline) =>
        _continuation = continueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _isSet = waiter is null;
        }

        waiter?.SetResult();
    }

    /// <summary>Ends with the next signal. One waiter at a time.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return Task.CompletedTask;
            }

            _waiter = new TaskCompletionSource(_continuation);
            return _waiter.Task;
        }
    }
}
