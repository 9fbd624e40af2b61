using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>
/// A fixed number of frames in memory below 4 GiB, so that every device can send every frame. Renting and returning allocate nothing.
/// </summary>
public sealed class FramePool : IFrameOwner
{
    /// <summary>Memory is allocated in pieces of this size, which are easier to find than one large one.</summary>
    private const int ChunkSize = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly DmaBuffer[] _chunks;
    private readonly Frame[] _free;
    private readonly bool _continueInline;
    private readonly Action? _onEmpty;
    private readonly Predicate<Frame>? _keeps;
    private LinkedQueue<FrameWaiter> _waiters;
    private LinkedPool<FrameWaiter> _spareWaiters = new(int.MaxValue);
    private int _freeCount;
    private bool _isClosed;

    /// <param name="dma">Where the memory comes from.</param>
    /// <param name="count">Frames, above zero.</param>
    /// <param name="capacity">Bytes of each; rounded up to a multiple of 64.</param>
    /// <param name="continueInline">Code that waits for a frame goes on in the thread that returns one.</param>
    /// <param name="onEmpty">Called, outside of all locks, when somebody has to wait: for a device that could look which frames are sent.</param>
    /// <param name="keeps">
    /// Asked, outside of all locks, for each frame that is given back: true keeps it out of the pool. Whoever keeps it takes it
    /// (<see cref="Frame.Take"/>) and gives it back later.
    /// </param>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    public FramePool(IDmaMemory dma, int count, int capacity, bool continueInline = false, Action? onEmpty = null, Predicate<Frame>? keeps = null)
    {
        ArgumentNullException.ThrowIfNull(dma);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, ChunkSize);
        var size = (capacity + 63) & ~63;
        var perChunk = ChunkSize / size;
        _continueInline = continueInline;
        _onEmpty = onEmpty;
        _keeps = keeps;
        _free = new Frame[count];
        _chunks = new DmaBuffer[(count + perChunk - 1) / perChunk];
        try
        {
            for (var i = 0; i < count; i++)
            {
                var chunk = i / perChunk;
                _chunks[chunk] ??= dma.Allocate(Math.Min(perChunk, count - i) * size, DmaConstraints.Below4GiB);
                _free[i] = new Frame(this, _chunks[chunk], i % perChunk * size, size);
            }
        }
        catch
        {
            FreeMemory();
            throw;
        }

        Capacity = size;
        _freeCount = count;
    }

    /// <summary>Bytes of each frame.</summary>
    public int Capacity { get; }

    /// <summary>Frames in all.</summary>
    public int Count => _free.Length;

    /// <summary>Frames that can be had now.</summary>
    public int FreeCount
    {
        get
        {
            lock (_gate)
                return _freeCount;
        }
    }

    /// <summary>Takes a frame, when one is there and nobody waits for it. Its length is 0 and its content anything.</summary>
    public bool TryRent([NotNullWhen(true)] out Frame? frame)
    {
        frame = null;
        lock (_gate)
        {
            if (_freeCount == 0 || _isClosed)
                return false;
            frame = _free[--_freeCount];
        }

        frame.Take();
        return true;
    }

    /// <summary>Takes a frame, and waits for one when there is none; those who wait are served in order.</summary>
    /// <exception cref="ObjectDisposedException">The pool is closed: its device is gone.</exception>
    public ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default)
    {
        if (TryRent(out var frame))
            return new ValueTask<Frame>(frame);
        _onEmpty?.Invoke();
        if (TryRent(out frame))
            return new ValueTask<Frame>(frame);
        FrameWaiter waiter;
        var late = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            waiter = _spareWaiters.Rent() ?? new FrameWaiter(this, !_continueInline);
            waiter.Begin();
            if (_freeCount != 0)
            {
                waiter.Frame = _free[--_freeCount];
                late = true;
            }
            else
            {
                _waiters.Enqueue(waiter);
            }
        }

        var task = waiter.Task;
        if (late)
            waiter.Finish();
        else
            waiter.Watch(cancellationToken);
        return task;
    }

    /// <summary>Nobody gets a frame any more. The memory is freed when the last frame is back.</summary>
    public void Close()
    {
        LinkedQueue<FrameWaiter> waiters = default;
        bool last;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            waiters.TakeAll(ref _waiters);
            last = _freeCount == _free.Length;
        }

        while (waiters.Dequeue() is { } waiter)
            waiter.Finish();
        if (last)
            FreeMemory();
    }

    void IFrameOwner.Return(Frame frame)
    {
        if (_keeps is not null && _keeps(frame))
            return;
        FrameWaiter? waiter;
        bool last;
        lock (_gate)
        {
            waiter = _waiters.Dequeue();
            if (waiter is not null)
                waiter.Frame = frame;
            else
                _free[_freeCount++] = frame;
            last = _isClosed && _freeCount == _free.Length;
        }

        waiter?.Finish();
        if (last)
            FreeMemory();
    }

    /// <summary>A waiter's token was cancelled. False when a frame was found for it meanwhile.</summary>
    internal bool TryCancel(FrameWaiter waiter)
    {
        lock (_gate)
            return _waiters.Remove(waiter);
    }

    /// <summary>A waiter's result was taken; it may serve again.</summary>
    internal void Recycle(FrameWaiter waiter)
    {
        lock (_gate)
            _spareWaiters.Return(waiter);
    }

    private void FreeMemory()
    {
        foreach (var chunk in _chunks)
            chunk?.Dispose();
    }
}
