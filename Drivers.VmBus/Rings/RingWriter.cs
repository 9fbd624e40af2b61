using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>
/// The producer's side of a ring. The signalling contract: the write index is published with a full barrier before the consumer's
/// mask is read, and the consumer is signalled only when the ring was empty before this packet and the mask is clear. A producer that
/// finds the ring full publishes how much it needs, and looks once more.
/// The producer's own index lives here and is never read back from shared memory (rule R2); whatever the consumer stores is a hint.
/// Allocates nothing. One caller at a time.
/// </summary>
public sealed class RingWriter
{
    private readonly RingMemory _ring;
    private uint _write;
    private bool _isPending;

    /// <summary>Starts at the beginning of an empty ring, and says that the pending send size is understood.</summary>
    public RingWriter(RingMemory ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
        ring.FeatureBits = RingControl.PendingSendSizeSupported;
    }

    /// <summary>True for good once the consumer has stored an index that cannot be.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Largest packet in bytes, header and padding included, footer not.</summary>
    public int LargestPacket => Math.Min(_ring.DataSize - (2 * RingControl.FooterSize), ushort.MaxValue * RingControl.Unit);

    /// <summary>Writes payload, in two parts, into the ring itself.</summary>
    /// <param name="head">First part.</param>
    /// <param name="body">Second part; may be empty.</param>
    /// <param name="transactionId">Not 0 when a completion is requested.</param>
    /// <param name="flags">Whether a completion is requested.</param>
    /// <param name="signal">True when the host must be signalled.</param>
    public RingWriteResult TryWriteInBand(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ulong transactionId, PacketFlags flags, out bool signal) =>
        TryWrite(PacketType.InBand, default, head, body, transactionId, flags, out signal);

    /// <summary>Answers a packet that requested it.</summary>
    public RingWriteResult TryWriteCompletion(ulong transactionId, ReadOnlySpan<byte> payload, out bool signal) =>
        TryWrite(PacketType.Completion, default, payload, default, transactionId, PacketFlags.None, out signal);

    /// <summary>Writes a message together with pieces of memory, each inside of a page ("page buffer" form of GPA direct).</summary>
    /// <exception cref="ArgumentException">There are no pages.</exception>
    public RingWriteResult TryWritePages(
        ReadOnlySpan<PageBuffer> pages, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ulong transactionId, PacketFlags flags, out bool signal) =>
        pages.IsEmpty
            ? throw new ArgumentException("GPA direct without pages.", nameof(pages))
            : TryWrite(PacketType.GpaDirect, new Descriptor { Pages = pages }, head, body, transactionId, flags, out signal);

    /// <summary>Writes a message together with one range over many pages ("multi-page buffer" form of GPA direct).</summary>
    /// <param name="range">Length, and offset in the first page.</param>
    /// <param name="frames">Exactly as many frame numbers as the range has pages.</param>
    /// <param name="head">First part of the payload.</param>
    /// <param name="body">Second part; may be empty.</param>
    /// <param name="transactionId">Not 0 when a completion is requested.</param>
    /// <param name="flags">Whether a completion is requested.</param>
    /// <param name="signal">True when the host must be signalled.</param>
    /// <exception cref="ArgumentException">The number of frames is wrong.</exception>
    public RingWriteResult TryWriteRange(
        GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ulong transactionId, PacketFlags flags, out bool signal)
    {
        if (frames.IsEmpty || frames.Length != range.PageCount)
            throw new ArgumentException($"{frames.Length} frames for a range of {range.PageCount} pages.", nameof(frames));
        return TryWrite(PacketType.GpaDirect, new Descriptor { Range = range, Frames = frames }, head, body, transactionId, flags, out signal);
    }

    /// <summary>Writes a message together with ranges of a buffer that both sides know.</summary>
    public RingWriteResult TryWriteTransferPages(
        ushort setId, ReadOnlySpan<TransferPageRange> ranges, ReadOnlySpan<byte> payload, ulong transactionId, PacketFlags flags, out bool signal) =>
        TryWrite(PacketType.TransferPages, new Descriptor { SetId = setId, Ranges = ranges }, payload, default, transactionId, flags, out signal);

    /// <summary>
    /// Announces that a packet of this size waits for space. True when there is space already: write, no signal will come.
    /// The announcement ends with the next packet that is written, or with <see cref="CancelPending"/>.
    /// </summary>
    /// <param name="packetLength">Bytes, header and padding included, footer not.</param>
    public bool AwaitSpace(int packetLength)
    {
        _isPending = true;
        _ring.PendingSendSize = (uint)(packetLength + RingControl.FooterSize);
        _ring.FullBarrier();
        return HasSpace(packetLength) || IsBroken;
    }

    /// <summary>Nobody waits for space any more.</summary>
    public void CancelPending()
    {
        if (!_isPending)
            return;
        _isPending = false;
        _ring.PendingSendSize = 0;
    }

    /// <summary>True when a packet of this size fits now.</summary>
    public bool HasSpace(int packetLength) =>
        TryFree(out var free) && packetLength + RingControl.FooterSize < free;

    /// <summary>Size of an in-band packet with so much payload.</summary>
    public static int InBandLength(int payload) => PacketHeader.Size + RoundUp(payload);

    private static int RoundUp(int bytes) => (bytes + RingControl.Unit - 1) & ~(RingControl.Unit - 1);

    private bool TryFree(out int free)
    {
        free = 0;
        var read = _ring.ReadIndex;
        if (IsBroken || !_ring.IsIndex(read))
        {
            IsBroken = true;
            return false;
        }

        free = _ring.Free(_write, read);
        return true;
    }

    private RingWriteResult TryWrite(
        PacketType type, Descriptor descriptor, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ulong transactionId, PacketFlags flags, out bool signal)
    {
        signal = false;
        if ((flags & PacketFlags.CompletionRequested) != 0 && transactionId == 0)
            throw new ArgumentException("A completion is requested under transaction id 0.", nameof(transactionId));
        var dataOffset = PacketHeader.Size + descriptor.LengthOf(type);
        var payload = (long)head.Length + body.Length;
        var padding = (int)(-payload & (RingControl.Unit - 1));
        var total = dataOffset + payload + padding;
        if (dataOffset > ushort.MaxValue * RingControl.Unit || total > LargestPacket)
            return RingWriteResult.TooLarge;
        if (!TryFree(out var free))
            return RingWriteResult.Broken;
        if (total + RingControl.FooterSize >= free)
            return RingWriteResult.Full;

        var start = _write;
        var cursor = new RingCursor(_ring.Data, start);
        var header = new PacketHeader
        {
            Type = type,
            DataOffset8 = (ushort)(dataOffset / RingControl.Unit),
            Length8 = (ushort)(total / RingControl.Unit),
            Flags = flags,
            TransactionId = transactionId,
        };
        cursor.Write(in header);
        descriptor.Write(ref cursor, type);
        cursor.Write(head);
        cursor.Write(body);
        cursor.WriteZeros(padding);
        var footer = (ulong)start << 32;
        cursor.Write(in footer);
        _write = _ring.Advance(start, (int)total + RingControl.FooterSize);

        _ring.WriteBarrier();
        _ring.WriteIndex = _write;
        CancelPending();
        _ring.FullBarrier();
        if (_ring.InterruptMask != 0)
            return RingWriteResult.Written;
        _ring.ReadBarrier();
        signal = _ring.ReadIndex == start;
        return RingWriteResult.Written;
    }

    /// <summary>What stands between packet header and payload.</summary>
    private ref struct Descriptor
    {
        public ReadOnlySpan<PageBuffer> Pages;
        public ReadOnlySpan<ulong> Frames;
        public ReadOnlySpan<TransferPageRange> Ranges;
        public GpaRange Range;
        public ushort SetId;

        public readonly int LengthOf(PacketType type) => type switch
        {
            PacketType.TransferPages => TransferPagesHeader.Size + (Ranges.Length * TransferPageRange.Size),
            PacketType.GpaDirect when Frames.IsEmpty => GpaDirectHeader.Size + (Pages.Length * (GpaRange.Size + sizeof(ulong))),
            PacketType.GpaDirect => GpaDirectHeader.Size + GpaRange.Size + (Frames.Length * sizeof(ulong)),
            _ => 0,
        };

        public readonly void Write(ref RingCursor cursor, PacketType type)
        {
            if (type == PacketType.TransferPages)
            {
                var transfer = new TransferPagesHeader { SetId = SetId, RangeCount = (uint)Ranges.Length };
                cursor.Write(in transfer);
                cursor.Write(MemoryMarshal.AsBytes(Ranges));
                return;
            }

            if (type != PacketType.GpaDirect)
                return;
            var direct = new GpaDirectHeader { RangeCount = Frames.IsEmpty ? (uint)Pages.Length : 1 };
            cursor.Write(in direct);
            foreach (ref readonly var page in Pages)
            {
                var one = new GpaRange { ByteCount = (uint)page.Length, ByteOffset = (uint)page.Offset };
                cursor.Write(in one);
                var frame = page.Frame;
                cursor.Write(in frame);
            }

            if (Frames.IsEmpty)
                return;
            cursor.Write(in Range);
            cursor.Write(MemoryMarshal.AsBytes(Frames));
        }
    }
}
