using System.Threading.Tasks.Sources;
using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>Somebody who waits for a frame of a <see cref="FramePool"/>; goes back to the pool when its result is taken.</summary>
internal sealed class FrameWaiter : Linked<FrameWaiter>, IValueTaskSource<Frame>
{
    private readonly FramePool _pool;
    private ManualResetValueTaskSourceCore<Frame> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private int _isFinished;

    public FrameWaiter(FramePool pool, bool runContinuationsAsynchronously)
    {
        _pool = pool;
        _source.RunContinuationsAsynchronously = runContinuationsAsynchronously;
    }

    /// <summary>The frame that was found; null when the pool was closed.</summary>
    public Frame? Frame { get; set; }

    public ValueTask<Frame> Task => new(this, _source.Version);

    public void Begin()
    {
        Frame = null;
        _registration = default;
        _token = default;
        Volatile.Write(ref _isFinished, 0);
    }

    /// <summary>Waits for a cancellation too. The waiter may be finished already, but cannot have been recycled: its task is not yet out.</summary>
    public void Watch(CancellationToken token)
    {
        if (!token.CanBeCanceled)
            return;
        _token = token;
        _registration = token.UnsafeRegister(static (state, _) => ((FrameWaiter)state!).Cancel(), this);
    }

    /// <summary>Tells whoever waits. Outside of all locks: its continuation may run here.</summary>
    public void Finish()
    {
        if (Interlocked.Exchange(ref _isFinished, 1) != 0)
            return;
        if (Frame is null)
        {
            _source.SetException(new ObjectDisposedException(nameof(FramePool), "The network device is gone."));
            return;
        }

        Frame.Take();
        _source.SetResult(Frame);
    }

    Frame IValueTaskSource<Frame>.GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _source.GetResult(token);

        // Waits for a cancellation that is running on another thread, so that it cannot hit the next use.
        _registration.Dispose();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            _pool.Recycle(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<Frame>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<Frame>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (_pool.TryCancel(this) && Interlocked.Exchange(ref _isFinished, 1) == 0)
            _source.SetException(new OperationCanceledException(_token));
    }
}
