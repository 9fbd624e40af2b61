using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// Receive descriptors, each with an empty frame. A full frame is handed over as it is and a new one takes its place.
/// ERRATUM (QEMU): the model writes a finished descriptor back word by word, the status first; a new buffer address that is written
/// meanwhile would be lost, and the chip would write into a frame that a program has. So finished descriptors are taken first, and given
/// back only after a register was read, which waits for the model.
/// LOCKING: the adapter's lock.
/// </summary>
internal sealed class RxRing : IDisposable
{
    /// <summary>Largest frame with a VLAN tag and check sequence, rounded up to a multiple of 64.</summary>
    public const int BufferSize = 1536;

    private readonly DescriptorRing _ring;
    private readonly FramePool _pool;
    private readonly Frame[] _frames;
    private int _next;
    private int _refill;
    private int _taken;
    private bool _inFragments;

    /// <param name="dma">Memory.</param>
    /// <param name="count">Descriptors.</param>
    /// <param name="isChained">See <see cref="DescriptorRing"/>.</param>
    /// <param name="pool">Empty frames; at least as many as descriptors.</param>
    public RxRing(IDmaMemory dma, int count, bool isChained, FramePool pool)
    {
        _ring = new DescriptorRing(dma, count, isChained);
        _pool = pool;
        _frames = new Frame[count];
        for (var i = 0; i < count; i++)
            _frames[i] = pool.TryRent(out var frame) ? frame : throw new InvalidOperationException("The pool is smaller than the ring.");
    }

    public uint Address => _ring.Address;

    /// <summary>The chip has finished something that was not taken yet.</summary>
    public bool HasFinished => _taken < _ring.Count && (_ring.ReadStatus(_next) & ReceiveDescriptor.Own) == 0;

    /// <summary>Descriptors wait for <see cref="Refill"/>.</summary>
    public bool NeedsRefill => _taken != 0;

    /// <summary>All descriptors become the chip's again. Only while it is stopped.</summary>
    public void Initialize()
    {
        _ring.Clear();
        _next = 0;
        _refill = 0;
        _inFragments = false;
        _taken = _ring.Count;
        Refill();
    }

    /// <summary>Takes what the chip has finished: good frames are appended, everything is counted. At most one round of the ring.</summary>
    /// <returns>Descriptors that were finished.</returns>
    public int Harvest(ref FrameQueue received, TulipCounters counters)
    {
        var finished = 0;
        for (; _taken < _ring.Count; finished++)
        {
            var status = _ring.ReadStatus(_next);
            if ((status & ReceiveDescriptor.Own) != 0)
                break;
            Take(status, ref received, counters);
            _next = _ring.After(_next);
            _taken++;
        }

        return finished;
    }

    /// <summary>Gives the chip what was taken, with new buffers.</summary>
    public void Refill()
    {
        for (; _taken != 0; _taken--)
        {
            _ring.Describe(_refill, BufferSize, (uint)_frames[_refill].PhysicalAddress.Value);
            _ring.Give(_refill);
            _refill = _ring.After(_refill);
        }
    }

    /// <summary>Frees everything. Only while the chip is stopped.</summary>
    public void Dispose()
    {
        foreach (var frame in _frames)
            frame.Release();
        _ring.Dispose();
    }

    private void Take(uint status, ref FrameQueue received, TulipCounters counters)
    {
        var verdict = ReceiveStatus.Judge(status, BufferSize, out var length);
        if (verdict == ReceiveVerdict.Fragment)
        {
            // One frame over several buffers: longer than any that is allowed. It counts once.
            if (!_inFragments || (status & ReceiveDescriptor.First) != 0)
                counters.ReceiveTooLong++;
            _inFragments = (status & ReceiveDescriptor.Last) == 0;
            return;
        }

        _inFragments = false;
        if (verdict != ReceiveVerdict.Good)
        {
            counters.CountReceiveError(verdict);
            return;
        }

        if (!_pool.TryRent(out var empty))
        {
            counters.ReceiveNoFrame++;
            return;
        }

        var frame = _frames[_next];
        _frames[_next] = empty;
        frame.Length = length;
        received.Enqueue(frame);
        counters.ReceivedFrames++;
        counters.ReceivedBytes += length;
    }
}
