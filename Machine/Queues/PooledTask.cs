using System.Threading.Tasks.Sources;

namespace GuestOS.Machine.Queues;

/// <summary>
/// Work that somebody awaits as a ValueTask. It comes from a pool, and goes back there when its result is taken: nothing is allocated on the way.
/// </summary>
/// <typeparam name="T">The kind of work itself.</typeparam>
/// <typeparam name="TResult">What comes of it.</typeparam>
public abstract class PooledTask<T, TResult> : Linked<T>, IValueTaskSource<TResult>
    where T : PooledTask<T, TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationTokenRegistration _registration;

    /// <param name="runContinuationsAsynchronously">Code that waits for it does not go on in the thread that ends it.</param>
    protected PooledTask(bool runContinuationsAsynchronously) => _source.RunContinuationsAsynchronously = runContinuationsAsynchronously;

    /// <summary>For whoever waits, once in each life.</summary>
    public ValueTask<TResult> Task => new(this, _source.Version);

    /// <summary>
    /// No cancellation calls <see cref="Cancel"/> any more; waits for one that is running on another thread, so that it cannot hit the next life.
    /// </summary>
    public void ForgetToken() => _registration.Dispose();

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        // A stale token, or a result that is not there yet, throws here and leaves the work alone.
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _source.GetResult(token);
        ForgetToken();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _registration = default;
            _source.Reset();
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>From now on a cancellation calls <see cref="Cancel"/>. Not under a lock that <see cref="Cancel"/> takes: the token may be cancelled already.</summary>
    protected void WatchToken(CancellationToken token)
    {
        if (token.CanBeCanceled)
            _registration = token.UnsafeRegister(static state => ((PooledTask<T, TResult>)state!).Cancel(), this);
    }

    /// <summary>Tells whoever waits. Outside of all locks: code that waits may go on here.</summary>
    protected void Complete(in TResult result) => _source.SetResult(result);

    /// <summary>Tells whoever waits that it failed. Outside of all locks: code that waits may go on here.</summary>
    protected void Fail(Exception exception) => _source.SetException(exception);

    /// <summary>The token was cancelled.</summary>
    protected abstract void Cancel();

    /// <summary>The result was taken: lets go of all that it held, and goes back to its pool.</summary>
    protected abstract void Recycle();
}
