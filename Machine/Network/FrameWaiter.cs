using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>Somebody who waits for a frame of a <see cref="FramePool"/>; goes back to the pool when its result is taken.</summary>
internal sealed class FrameWaiter : PooledTask<FrameWaiter, Frame>
{
    private readonly FramePool _pool;
    private CancellationToken _token;
    private int _isFinished;

    public FrameWaiter(FramePool pool, bool runContinuationsAsynchronously)
        : base(runContinuationsAsynchronously) => _pool = pool;

    /// <summary>The frame that was found; null when the pool was closed.</summary>
    public Frame? Frame { get; set; }

    public void Begin()
    {
        Frame = null;
        _token = default;
        Volatile.Write(ref _isFinished, 0);
    }

    /// <summary>Waits for a cancellation too. The waiter may be finished already, but cannot have been recycled: its task is not yet out.</summary>
    public void Watch(CancellationToken token)
    {
        _token = token;
        WatchToken(token);
    }

    /// <summary>Tells whoever waits. Outside of all locks: its continuation may run here.</summary>
    public void Finish()
    {
        if (Interlocked.Exchange(ref _isFinished, 1) != 0)
            return;
        if (Frame is null)
        {
            Fail(new ObjectDisposedException(nameof(FramePool), "The network device is gone."));
            return;
        }

        Frame.Take();
        Complete(Frame);
    }

    protected override void Cancel()
    {
        if (_pool.TryCancel(this) && Interlocked.Exchange(ref _isFinished, 1) == 0)
            Fail(new OperationCanceledException(_token));
    }

    protected override void Recycle() => _pool.Recycle(this);
}
