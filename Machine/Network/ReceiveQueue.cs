using System.Threading.Tasks.Sources;

namespace GuestOS.Machine.Network;

/// <summary>Received frames between a device's interrupt and the one program that takes them, in batches.</summary>
public sealed class ReceiveQueue : IValueTaskSource<int>
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private FrameQueue _frames;
    private Memory<Frame> _destination;
    private bool _isWaiting;
    private bool _isClosed;

    /// <param name="continueInline">Code that waits for frames goes on in the thread that brings them.</param>
    public ReceiveQueue(bool continueInline = false) => _source.RunContinuationsAsynchronously = !continueInline;

    /// <summary>Frames that nobody has taken yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _frames.Count;
        }
    }

    /// <summary>
    /// Brings frames, which are the queue's from then on. May be called under a lock of the device's, which then keeps the order of
    /// several threads; <see cref="Announce"/> follows outside of it.
    /// </summary>
    /// <returns>False when the queue is closed: the frames stay the caller's.</returns>
    public bool Append(ref FrameQueue frames)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            _frames.TakeAll(ref frames);
            return true;
        }
    }

    /// <summary>Lets a waiting program have what there is. Not under a lock: the program may go on here.</summary>
    public void Announce()
    {
        int count;
        lock (_gate)
        {
            if (!_isWaiting || _frames.Count == 0)
                return;
            count = Fill(_destination.Span);
            StopWaiting();
        }

        _source.SetResult(count);
    }

    /// <summary>Takes frames, at least one; waits for it. The taker gives them back.</summary>
    /// <param name="destination">Room for at least one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; 0 when there will be no more.</returns>
    /// <exception cref="InvalidOperationException">Somebody waits already.</exception>
    public ValueTask<int> TakeAsync(Memory<Frame> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length, nameof(destination));
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<int> task;
        lock (_gate)
        {
            if (_isWaiting)
                throw new InvalidOperationException("Somebody waits for frames already.");
            if (_frames.Count != 0)
                return new ValueTask<int>(Fill(destination.Span));
            if (_isClosed)
                return new ValueTask<int>(0);
            _source.Reset();
            _isWaiting = true;
            _destination = destination;
            _token = cancellationToken;
            task = new ValueTask<int>(this, _source.Version);
        }

        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, _) => ((ReceiveQueue)state!).Cancel(), this);
        return task;
    }

    /// <summary>No frames will come any more; those that are there can still be taken.</summary>
    public void Complete()
    {
        bool waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = _isWaiting;
            StopWaiting();
        }

        if (waiting)
            _source.SetResult(0);
    }

    /// <summary>No frames will come any more; those that nobody took go back.</summary>
    public void Close()
    {
        Complete();
        FrameQueue left;
        lock (_gate)
        {
            left = _frames;
            _frames = default;
        }

        left.ReleaseAll();
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a cancellation that is running on another thread, so that it cannot hit the next wait.
        if (_source.GetStatus(token) != ValueTaskSourceStatus.Pending)
            _registration.Dispose();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        lock (_gate)
        {
            if (!_isWaiting || !_token.IsCancellationRequested)
                return;
            StopWaiting();
        }

        _source.SetException(new OperationCanceledException(_token));
    }

    private void StopWaiting()
    {
        _isWaiting = false;
        _destination = default;
    }

    private int Fill(Span<Frame> destination)
    {
        var count = 0;
        while (count < destination.Length && _frames.TryDequeue(out var frame))
            destination[count++] = frame;
        return count;
    }
}
