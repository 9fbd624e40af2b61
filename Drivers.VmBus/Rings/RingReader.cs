using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>
/// The consumer's side of a ring. Every packet is copied once into the caller's buffer and only the copy is looked at. The signalling
/// contract: the consumer masks interrupts while it reads; after a batch it publishes its index and signals the producer only when that
/// producer waits for space and this batch made the difference; when drained it unmasks with a full barrier and looks once more.
/// Allocates nothing. One caller at a time.
/// </summary>
public sealed class RingReader
{
    /// <summary>Most ranges that a transfer page packet may have.</summary>
    public const int MostRanges = 512;

    private readonly RingMemory _ring;
    private readonly PacketTypes _accepted;
    private uint _read;
    private uint _published;

    /// <param name="ring">An empty ring.</param>
    /// <param name="accepted">The types that the channel takes.</param>
    public RingReader(RingMemory ring, PacketTypes accepted)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
        _accepted = accepted;
        ring.FeatureBits = RingControl.PendingSendSizeSupported;
    }

    /// <summary>Why the ring is broken; null while it is sound.</summary>
    public string? BrokenBecause { get; private set; }

    /// <summary>Packets that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Copies the next packet out, checks it, and moves on. The place in the ring is given back by <see cref="Commit"/>.</summary>
    /// <param name="buffer">Receives the whole packet, header included.</param>
    /// <param name="packet">The packet, over <paramref name="buffer"/>.</param>
    public RingReadResult TryRead(Span<byte> buffer, out RingPacket packet)
    {
        packet = default;
        if (BrokenBecause is not null)
            return RingReadResult.Broken;
        var write = _ring.WriteIndex;
        if (!_ring.IsIndex(write))
            return Break("the write index is impossible");
        var used = _ring.DataSize - _ring.Free(write, _read);
        if (used == 0)
            return RingReadResult.Empty;
        if (used < PacketHeader.Size + RingControl.FooterSize)
            return Break("there is less than a packet header");

        var cursor = new RingCursor(_ring.Data, _read);
        PacketHeader header = default;
        cursor.Read(MemoryMarshal.AsBytes(new Span<PacketHeader>(ref header)));
        var dataOffset = header.DataOffset8 * RingControl.Unit;
        var length = header.Length8 * RingControl.Unit;
        if (dataOffset < PacketHeader.Size || dataOffset > length || length + RingControl.FooterSize > used)
            return Break("the lengths of a packet are impossible");

        _read = _ring.Advance(_read, length + RingControl.FooterSize);
        if (!IsAccepted(header.Type) || length > buffer.Length)
            return Drop();
        MemoryMarshal.Write(buffer, header);
        cursor.Read(buffer[PacketHeader.Size..length]);
        if (header.Type == PacketType.TransferPages && !HasSoundRanges(buffer[..length], dataOffset))
            return Drop();
        packet = new RingPacket(header, buffer[..length]);
        return RingReadResult.Packet;
    }

    /// <summary>Gives the place of all packets read so far back to the producer. True when the producer must be signalled.</summary>
    public bool Commit()
    {
        if (_read == _published)
            return false;
        var bytes = _ring.DataSize - _ring.Free(_read, _published);
        _ring.ReadBarrier();
        _ring.ReadIndex = _read;
        _published = _read;
        if ((_ring.FeatureBits & RingControl.PendingSendSizeSupported) == 0)
            return false;
        _ring.FullBarrier();
        var pending = _ring.PendingSendSize;
        if (pending == 0)
            return false;
        _ring.ReadBarrier();
        var write = _ring.WriteIndex;
        if (!_ring.IsIndex(write))
            return false;
        long free = _ring.Free(write, _read);
        return free - bytes <= pending && free > pending;
    }

    /// <summary>No interrupts for this ring from now on.</summary>
    public void Mask()
    {
        _ring.InterruptMask = 1;
        _ring.FullBarrier();
    }

    /// <summary>Interrupts again. True when something arrived meanwhile, for which no interrupt will come: mask, and read on.</summary>
    public bool Unmask()
    {
        _ring.InterruptMask = 0;
        _ring.FullBarrier();
        return BrokenBecause is null && _ring.WriteIndex != _read;
    }

    private static bool HasSoundRanges(ReadOnlySpan<byte> packet, int dataOffset)
    {
        const int fixedPart = PacketHeader.Size + TransferPagesHeader.Size;
        if (dataOffset < fixedPart)
            return false;
        var count = MemoryMarshal.Read<TransferPagesHeader>(packet[PacketHeader.Size..]).RangeCount;
        return count <= MostRanges && fixedPart + ((int)count * TransferPageRange.Size) <= dataOffset;
    }

    private bool IsAccepted(PacketType type) => (uint)type < 31 && ((int)_accepted & (1 << (int)type)) != 0;

    private RingReadResult Drop()
    {
        Dropped++;
        return RingReadResult.Dropped;
    }

    private RingReadResult Break(string reason)
    {
        BrokenBecause = reason;
        return RingReadResult.Broken;
    }
}
