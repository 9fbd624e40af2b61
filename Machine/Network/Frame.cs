using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>
/// An Ethernet frame in memory that a device reads or writes itself: destination address first, without the frame check sequence.
/// It has one holder at a time, who alone may touch it: a program, or a device. Handing it over (sending it, releasing it) ends the
/// right to use it.
/// </summary>
public sealed class Frame : Linked<Frame>
{
    private readonly IFrameOwner _owner;
    private readonly DmaBuffer _buffer;
    private readonly int _offset;
    private int _length;
    private int _isOut;

    /// <param name="owner">To whom it goes back.</param>
    /// <param name="buffer">Memory that holds it; must live as long as the frame is used.</param>
    /// <param name="offset">Where it begins in that memory.</param>
    /// <param name="capacity">Bytes that it may have.</param>
    public Frame(IFrameOwner owner, DmaBuffer buffer, int offset, int capacity)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, buffer.Length - offset);
        _owner = owner;
        _buffer = buffer;
        _offset = offset;
        Capacity = capacity;
        PhysicalAddress = buffer.PhysicalAddress + (ulong)offset;
    }

    /// <summary>Where a device finds its first byte.</summary>
    public PhysicalAddress PhysicalAddress { get; }

    /// <summary>Bytes that it may have.</summary>
    public int Capacity { get; }

    /// <summary>Bytes that it has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than <see cref="Capacity"/>.</exception>
    public int Length
    {
        get => _length;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)Capacity, nameof(value));
            _length = value;
        }
    }

    /// <summary>Its bytes.</summary>
    public Span<byte> Data => _buffer.GetSpan().Slice(_offset, _length);

    /// <summary>All the room that it has.</summary>
    public Span<byte> Room => _buffer.GetSpan().Slice(_offset, Capacity);

    /// <summary>The same as <see cref="Room"/>, for asynchronous code.</summary>
    public Memory<byte> Memory => _buffer.Memory.Slice(_offset, Capacity);

    /// <summary>What the device shall do to it on the way, or has seen of it. Nothing in a frame that was just handed out.</summary>
    public FrameOffload Offload { get; set; }

    /// <summary>For its owner: it is handed out.</summary>
    /// <exception cref="InvalidOperationException">It is out already.</exception>
    public void Take()
    {
        if (Interlocked.Exchange(ref _isOut, 1) != 0)
            throw new InvalidOperationException("The frame is in use already.");
        _length = 0;
        Offload = default;
        Next = null;
    }

    /// <summary>Gives it back.</summary>
    /// <exception cref="InvalidOperationException">It was given back before.</exception>
    public void Release()
    {
        if (Interlocked.Exchange(ref _isOut, 0) == 0)
            throw new InvalidOperationException("The frame was given back before.");
        Next = null;
        _owner.Return(this);
    }
}
