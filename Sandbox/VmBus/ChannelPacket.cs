using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A packet of the guest, copied out of the ring.</summary>
public sealed class ChannelPacket
{
    internal ChannelPacket(HostPacket packet, IGuestMemory memory, Action<string> report)
    {
        Type = packet.Type;
        WantsCompletion = (packet.Flags & PacketFlags.CompletionRequested) != 0;
        TransactionId = packet.TransactionId;
        Payload = packet.Payload;
        var ranges = Type == PacketType.GpaDirect ? ReadRanges(packet.Descriptor) : [];
        Data = ranges.Length == 0 ? GuestBuffer.Empty : new GuestBuffer(memory, [.. ranges.SelectMany(static range => range)], report);
        Buffers = [.. ranges.Select(range => new GuestBuffer(memory, range, report))];
        (TransferSetId, TransferRanges) = Type == PacketType.TransferPages ? ReadTransfer(packet.Descriptor) : ((ushort)0, []);
    }

    /// <summary>Type.</summary>
    public PacketType Type { get; }

    /// <summary>The guest wants a completion.</summary>
    public bool WantsCompletion { get; }

    /// <summary>Transaction id.</summary>
    public ulong TransactionId { get; }

    /// <summary>Payload with its padding.</summary>
    public byte[] Payload { get; }

    /// <summary>All GPA ranges one after another.</summary>
    public GuestBuffer Data { get; }

    /// <summary>Each GPA range.</summary>
    public IReadOnlyList<GuestBuffer> Buffers { get; }

    /// <summary>Of transfer pages: the set.</summary>
    public ushort TransferSetId { get; }

    /// <summary>Of transfer pages: the ranges, unchecked.</summary>
    public IReadOnlyList<TransferPageRange> TransferRanges { get; }

    /// <summary>The ring's reader has proved that the ranges lie in the descriptor.</summary>
    private static (ulong Address, int Length)[][] ReadRanges(ReadOnlySpan<byte> descriptor)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
        var ranges = new (ulong, int)[count][];
        var at = 8;
        for (var i = 0; i < ranges.Length; i++)
        {
            var bytes = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[at..]);
            var start = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(at + 4)..]);
            at += 8;
            var pages = (int)(((long)bytes + start + 4095) / 4096);
            ranges[i] = Pieces(descriptor.Slice(at, pages * 8), start, bytes);
            at += pages * 8;
        }

        return ranges;
    }

    /// <summary>Pages as pieces of memory; an offset above a page skips whole frames.</summary>
    internal static (ulong Address, int Length)[] Pieces(ReadOnlySpan<byte> frames, ulong start, uint bytes)
    {
        var pieces = new List<(ulong, int)>();
        for (var i = 0; i * 8 < frames.Length && bytes > 0; i++)
        {
            if (start >= 4096)
            {
                start -= 4096;
                continue;
            }

            var count = Math.Min(4096 - (uint)start, bytes);
            pieces.Add(((BinaryPrimitives.ReadUInt64LittleEndian(frames[(i * 8)..]) * 4096) + start, (int)count));
            bytes -= count;
            start = 0;
        }

        return [.. pieces];
    }

    private static (ushort Set, TransferPageRange[] Ranges) ReadTransfer(ReadOnlySpan<byte> descriptor)
    {
        if (descriptor.Length < TransferPagesHeader.Size)
            return (0, []);
        var count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]), (uint)(descriptor.Length - 8) / TransferPageRange.Size);
        var ranges = new TransferPageRange[count];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i].ByteCount = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(8 + (i * 8))..]);
            ranges[i].ByteOffset = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(12 + (i * 8))..]);
        }

        return (BinaryPrimitives.ReadUInt16LittleEndian(descriptor), ranges);
    }
}
