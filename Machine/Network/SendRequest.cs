using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>Frames that wait for room in a device, awaited by their sender.</summary>
public sealed class SendRequest : PooledTask<SendRequest, NetworkResult>
{
    private readonly ISendRequestOwner _owner;
    private CancellationToken _token;
    private NetworkResult _result;
    private Frame? _single;
    private ReadOnlyMemory<Frame> _frames;
    private int _index;
    private bool _isCancelled;

    /// <param name="owner">Whose pool it comes from.</param>
    /// <param name="runContinuationsAsynchronously">Code that waits for it does not go on in the thread that ends it.</param>
    public SendRequest(ISendRequestOwner owner, bool runContinuationsAsynchronously)
        : base(runContinuationsAsynchronously) => _owner = owner;

    /// <summary>The next frame that was not placed yet; null when all were.</summary>
    public Frame? Current => _single ?? (_index < _frames.Length ? _frames.Span[_index] : null);

    /// <summary>Begins a life: one frame, or several.</summary>
    public void Fill(Frame? single, ReadOnlyMemory<Frame> frames, CancellationToken token)
    {
        _single = single;
        _frames = frames;
        _index = 0;
        _token = token;
        _isCancelled = false;
        _result = default;
    }

    /// <summary>Waits for a cancellation too; not under the owner's lock.</summary>
    public void Watch() => WatchToken(_token);

    /// <summary>The current frame was placed.</summary>
    public void Advance()
    {
        if (_single is not null)
            _single = null;
        else
            _index++;
    }

    /// <summary>Takes the frames that were not placed.</summary>
    public void TakeLeft(ref FrameQueue left)
    {
        for (; Current is { } frame; Advance())
            left.Enqueue(frame);
    }

    /// <summary>How it will have ended; <see cref="Announce"/> follows.</summary>
    public void SetResult(in NetworkResult result) => _result = result;

    /// <summary>It will have been cancelled; <see cref="Announce"/> follows.</summary>
    public void SetCancelled() => _isCancelled = true;

    /// <summary>Tells the sender. Outside of the lock: its continuation may run here.</summary>
    public void Announce()
    {
        if (_isCancelled)
            Fail(new OperationCanceledException(_token));
        else
            Complete(_result);
    }

    /// <inheritdoc/>
    protected override void Cancel() => _owner.Cancel(this);

    /// <inheritdoc/>
    protected override void Recycle()
    {
        _frames = default;
        _owner.Return(this);
    }
}
