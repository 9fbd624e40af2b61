using System.Diagnostics.CodeAnalysis;

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
    private FrameWaiter? _firstWaiter;
    private FrameWaiter? _lastWaiter;
    private FrameWaiter? _spareWaiters;
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
            waiter = _spareWaiters ?? new FrameWaiter(this, !_continueInline);
            _spareWaiters = waiter.Next;
            waiter.Next = null;
            waiter.Begin();
            if (_freeCount != 0)
            {
                waiter.Frame = _free[--_freeCount];
                late = true;
            }
            else
            {
                if (_lastWaiter is null)
                    _firstWaiter = waiter;
                else
                    _lastWaiter.Next = waiter;
                _lastWaiter = waiter;
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
        FrameWaiter? waiter;
        bool last;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            waiter = _firstWaiter;
            _firstWaiter = _lastWaiter = null;
            last = _freeCount == _free.Length;
        }

        while (waiter is not null)
        {
            var next = waiter.Next;
            waiter.Next = null;
            waiter.Finish();
            waiter = next;
        }

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
            waiter = _firstWaiter;
            if (waiter is not null)
            {
                _firstWaiter = waiter.Next;
                if (_firstWaiter is null)
                    _lastWaiter = null;
                waiter.Next = null;
                waiter.Frame = frame;
            }
            else
            {
                _free[_freeCount++] = frame;
            }

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
        {
            FrameWaiter? previous = null;
            for (var current = _firstWaiter; current is not null; previous = current, current = current.Next)
            {
                if (!ReferenceEquals(current, waiter))
                    continue;
                if (previous is null)
                    _firstWaiter = current.Next;
                else
                    previous.Next = current.Next;
                if (ReferenceEquals(_lastWaiter, current))
                    _lastWaiter = previous;
                current.Next = null;
                return true;
            }
        }

        return false;
    }

    /// <summary>A waiter's result was taken; it may serve again.</summary>
    internal void Recycle(FrameWaiter waiter)
    {
        lock (_gate)
        {
            waiter.Next = _spareWaiters;
            _spareWaiters = waiter;
        }
    }

    private void FreeMemory()
    {
        foreach (var chunk in _chunks)
            chunk?.Dispose();
    }
}
