using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>One ring inside of shared memory: a control page and at least one page of data.</summary>
public sealed class RingMemory
{
    private readonly DmaBuffer _buffer;
    private readonly IDmaMemory _dma;
    private readonly int _offset;

    /// <param name="dma">The barriers.</param>
    /// <param name="buffer">Memory that holds the ring.</param>
    /// <param name="offset">Where its control page starts; page-aligned.</param>
    /// <param name="length">Control page and data in bytes; whole pages, at least two.</param>
    public RingMemory(IDmaMemory dma, DmaBuffer buffer, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (length % RingControl.PageSize != 0 || length < 2 * RingControl.PageSize)
            throw new ArgumentOutOfRangeException(nameof(length), length, "A ring is whole pages, at least two.");
        if (offset % RingControl.PageSize != 0 || offset < 0 || offset > buffer.Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The ring does not lie in the buffer.");
        _dma = dma;
        _buffer = buffer;
        _offset = offset;
        DataSize = length - RingControl.PageSize;
    }

    /// <summary>Bytes of data; a multiple of the page size.</summary>
    public int DataSize { get; }

    /// <summary>How full it is at this moment.</summary>
    public RingFill Fill
    {
        get
        {
            var (write, read) = (WriteIndex, ReadIndex);
            return new RingFill(IsIndex(write) && IsIndex(read) ? DataSize - Free(write, read) : 0, DataSize);
        }
    }

    /// <summary>The data.</summary>
    internal Span<byte> Data => _buffer.GetSpan().Slice(_offset + RingControl.PageSize, DataSize);

    /// <summary>Offset 0: the producer's.</summary>
    internal uint WriteIndex
    {
        get => Volatile.Read(ref Field(RingControl.WriteIndex));
        set => Volatile.Write(ref Field(RingControl.WriteIndex), value);
    }

    /// <summary>Offset 4: the consumer's.</summary>
    internal uint ReadIndex
    {
        get => Volatile.Read(ref Field(RingControl.ReadIndex));
        set => Volatile.Write(ref Field(RingControl.ReadIndex), value);
    }

    /// <summary>Offset 8: the consumer's.</summary>
    internal uint InterruptMask
    {
        get => Volatile.Read(ref Field(RingControl.InterruptMask));
        set => Volatile.Write(ref Field(RingControl.InterruptMask), value);
    }

    /// <summary>Offset 12: the producer's.</summary>
    internal uint PendingSendSize
    {
        get => Volatile.Read(ref Field(RingControl.PendingSendSize));
        set => Volatile.Write(ref Field(RingControl.PendingSendSize), value);
    }

    /// <summary>Offset 64.</summary>
    internal uint FeatureBits
    {
        get => Volatile.Read(ref Field(RingControl.FeatureBits));
        set => Volatile.Write(ref Field(RingControl.FeatureBits), value);
    }

    internal void ReadBarrier() => _dma.ReadBarrier();

    internal void WriteBarrier() => _dma.WriteBarrier();

    internal void FullBarrier() => _dma.FullBarrier();

    /// <summary>An index that a well-behaved owner may have stored (rule R1).</summary>
    internal bool IsIndex(uint index) => index < (uint)DataSize && index % RingControl.Unit == 0;

    /// <summary>Bytes free for writing.</summary>
    internal int Free(uint write, uint read) => write >= read ? DataSize - (int)(write - read) : (int)(read - write);

    /// <summary>The index so many bytes further on.</summary>
    internal uint Advance(uint index, int bytes)
    {
        var next = (int)index + bytes;
        return (uint)(next >= DataSize ? next - DataSize : next);
    }

    private ref uint Field(int offset) => ref MemoryMarshal.AsRef<uint>(_buffer.GetSpan()[(_offset + offset)..]);
}
