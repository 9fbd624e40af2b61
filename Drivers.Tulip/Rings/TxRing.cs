using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// Transmit descriptors and the frames that they describe.
/// ERRATUM (21140, all steppings): a setup frame that is not at the ring's begin has to be preceded by an empty descriptor.
/// LOCKING: the adapter's lock.
/// </summary>
internal sealed class TxRing : IDisposable
{
    /// <summary>Descriptors that are kept free of frames, for a setup frame and the empty one before it.</summary>
    private const int Reserve = 2;

    private readonly DescriptorRing _ring;
    private readonly Frame?[] _frames;
    private readonly SlotKind[] _kinds;
    private int _head;
    private int _tail;

    public TxRing(IDmaMemory dma, int count, bool isChained)
    {
        _ring = new DescriptorRing(dma, count, isChained);
        _frames = new Frame?[count];
        _kinds = new SlotKind[count];
    }

    /// <summary>What a descriptor is used for.</summary>
    public enum SlotKind
    {
        Frame,
        Setup,

        /// <summary>Nothing: it precedes a setup frame.</summary>
        Empty,
    }

    public uint Address => _ring.Address;

    /// <summary>Descriptors in use.</summary>
    public int Used { get; private set; }

    /// <summary>Descriptors that were finished since the ring was made: tells whether the chip gets on.</summary>
    public long Finished { get; private set; }

    /// <summary>A frame can be placed.</summary>
    public bool HasRoom => Used < _ring.Count - Reserve;

    /// <summary>A setup frame can be placed.</summary>
    public bool HasRoomForSetup => Used <= _ring.Count - Reserve;

    /// <summary>The chip has finished the oldest descriptor.</summary>
    public bool HasFinished => Used != 0 && (_ring.ReadStatus(_tail) & TransmitDescriptor.Own) == 0;

    /// <summary>Starts over with no descriptor in use. Only while the chip is stopped, after <see cref="Drain"/>.</summary>
    public void Initialize()
    {
        _ring.Clear();
        _head = _tail = Used = 0;
    }

    /// <summary>Hands a frame to the chip. There must be room. An interrupt is asked for when the ring is half full and when it is full.</summary>
    public void Place(Frame frame)
    {
        var control = TransmitDescriptor.First | TransmitDescriptor.Last | (uint)frame.Length;
        if (Used + 1 == _ring.Count / 2 || Used + 1 >= _ring.Count - Reserve)
            control |= TransmitDescriptor.Interrupt;
        _ring.Describe(_head, control, (uint)frame.PhysicalAddress.Value);
        _ring.Give(Occupy(SlotKind.Frame, frame));
    }

    /// <summary>Hands a setup frame to the chip; an interrupt tells when it is done. There must be room.</summary>
    public void PlaceSetup(PhysicalAddress setup, bool isHash)
    {
        var empty = -1;
        if (_head != 0)
        {
            _ring.Describe(_head, 0, 0);
            empty = Occupy(SlotKind.Empty, null);
        }

        var control = TransmitDescriptor.SetupFrame | TransmitDescriptor.Interrupt | (isHash ? TransmitDescriptor.HashFilter : 0) | SetupFrame.Size;
        _ring.Describe(_head, control, (uint)setup.Value);
        _ring.Give(Occupy(SlotKind.Setup, null));
        if (empty >= 0)
            _ring.Give(empty);
    }

    /// <summary>Takes the oldest descriptor if the chip has finished it.</summary>
    /// <param name="kind">What it was used for.</param>
    /// <param name="frame">The frame; null for others.</param>
    /// <param name="status">TDES0, read once.</param>
    public bool TryTake(out SlotKind kind, out Frame? frame, out uint status)
    {
        kind = SlotKind.Empty;
        frame = null;
        status = 0;
        if (Used == 0)
            return false;
        status = _ring.ReadStatus(_tail);
        if ((status & TransmitDescriptor.Own) != 0)
            return false;
        TakeOldest(out kind, out frame);
        Finished++;
        return true;
    }

    /// <summary>Takes back all frames that the chip has not finished, in order. Only while it is stopped.</summary>
    public void Drain(ref FrameQueue unsent)
    {
        while (Used != 0)
        {
            TakeOldest(out _, out var frame);
            if (frame is not null)
                unsent.Enqueue(frame);
        }
    }

    public void Dispose() => _ring.Dispose();

    private int Occupy(SlotKind kind, Frame? frame)
    {
        var index = _head;
        _kinds[index] = kind;
        _frames[index] = frame;
        _head = _ring.After(index);
        Used++;
        return index;
    }

    private void TakeOldest(out SlotKind kind, out Frame? frame)
    {
        kind = _kinds[_tail];
        frame = _frames[_tail];
        _frames[_tail] = null;
        _tail = _ring.After(_tail);
        Used--;
    }
}
