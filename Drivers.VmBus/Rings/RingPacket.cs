using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>
/// A packet that was copied out of the ring and checked; the host cannot change it any more. Valid until the next packet is read.
/// The payload may end in up to 7 bytes of padding.
/// </summary>
public readonly ref struct RingPacket
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly PacketHeader _header;

    internal RingPacket(scoped in PacketHeader header, ReadOnlySpan<byte> bytes)
    {
        _header = header;
        _bytes = bytes;
    }

    /// <summary>The type.</summary>
    public PacketType Type => _header.Type;

    /// <summary>The transaction id.</summary>
    public ulong TransactionId => _header.TransactionId;

    /// <summary>The host wants a completion.</summary>
    public bool WantsCompletion => (_header.Flags & PacketFlags.CompletionRequested) != 0;

    /// <summary>What it carries.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[(_header.DataOffset8 * RingControl.Unit)..];

    /// <summary>Of <see cref="PacketType.TransferPages"/>: the set.</summary>
    public ushort TransferSetId => Type == PacketType.TransferPages ? Transfer.SetId : (ushort)0;

    /// <summary>Of <see cref="PacketType.TransferPages"/>: the ranges, not yet checked against the buffer that they speak of.</summary>
    public ReadOnlySpan<TransferPageRange> TransferRanges => Type != PacketType.TransferPages
        ? default
        : MemoryMarshal.Cast<byte, TransferPageRange>(_bytes.Slice(PacketHeader.Size + TransferPagesHeader.Size, (int)Transfer.RangeCount * TransferPageRange.Size));

    private TransferPagesHeader Transfer => MemoryMarshal.Read<TransferPagesHeader>(_bytes[PacketHeader.Size..]);
}
