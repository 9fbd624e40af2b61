using System.Threading.Tasks.Sources;
using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>
/// Frames that wait for room in a device, awaited by their sender as a ValueTask. Goes back to its owner's pool when the result is taken;
/// nothing is allocated on the way.
/// </summary>
public sealed class SendRequest : Linked<SendRequest>, IValueTaskSource<NetworkResult>
{
    private readonly ISendRequestOwner _owner;
    private ManualResetValueTaskSourceCore<NetworkResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private NetworkResult _result;
    private Frame? _single;
    private ReadOnlyMemory<Frame> _frames;
    private int _index;
    private bool _isCancelled;

    /// <param name="owner">Whose pool it comes from.</param>
    /// <param name="runContinuationsAsynchronously">Code that waits for it does not go on in the thread that ends it.</param>
    public SendRequest(ISendRequestOwner owner, bool runContinuationsAsynchronously)
    {
        _owner = owner;
        _source.RunContinuationsAsynchronously = runContinuationsAsynchronously;
    }

    /// <summary>For the sender.</summary>
    public ValueTask<NetworkResult> Task => new(this, _source.Version);

    /// <summary>The next frame that was not placed yet; null when all were.</summary>
    public Frame? Current => _single ?? (_index < _frames.Length ? _frames.Span[_index] : null);

    /// <summary>Begins a life: one frame, or several.</summary>
    public void Fill(Frame? single, ReadOnlyMemory<Frame> frames, CancellationToken token)
    {
        _single = single;
        _frames = frames;
        _index = 0;
        _token = token;
        _registration = default;
        _isCancelled = false;
        _result = default;
    }

    /// <summary>Waits for a cancellation too; not under the owner's lock.</summary>
    public void Watch()
    {
        if (_token.CanBeCanceled)
            _registration = _token.UnsafeRegister(static (state, _) => ((SendRequest)state!).Cancel(), this);
    }

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
            _source.SetException(new OperationCanceledException(_token));
        else
            _source.SetResult(_result);
    }

    NetworkResult IValueTaskSource<NetworkResult>.GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _source.GetResult(token);

        // Waits for a cancellation that is running on another thread, so that it cannot hit the request's next life.
        _registration.Dispose();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            _frames = default;
            _owner.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<NetworkResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<NetworkResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => _owner.Cancel(this);
}
