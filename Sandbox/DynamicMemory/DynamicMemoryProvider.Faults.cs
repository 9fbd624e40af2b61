using System.Buffers.Binary;
using GuestOS.Machine.Memory;

namespace GuestOS.Sandbox.DynamicMemory;

/// <content>The hostile variant.</content>
public sealed partial class DynamicMemoryProvider
{
    /// <summary>Sends a message that no honest host sends, whatever the state. The guest's answer, if any, is an error in its own right.</summary>
    public void Commit(DynamicMemoryFault fault)
    {
        var message = Build(fault);
        _session?.Post(() => _session?.SendInBand(message));
    }

    private byte[] Build(DynamicMemoryFault fault)
    {
        var given = Ballooned.Ranges is [var first, ..] ? first : default;
        return fault switch
        {
            DynamicMemoryFault.Short => [6, 0, 16, 0],
            DynamicMemoryFault.SizeBeyond => Message(6, 16, size: 0xFFFF),
            DynamicMemoryFault.SizeZero => Message(6, 16, size: 0),
            DynamicMemoryFault.UnknownType => Message(15, 16),
            DynamicMemoryFault.GuestType => Message(7, 16),
            DynamicMemoryFault.BalloonAll => Message(6, 16, words: (8, 0xFFFF_FFFFu)),
            DynamicMemoryFault.UnballoonNeverGiven => Unballoon(1, new PageRange(Ballooned.Count == 0 ? 0x1234 : Ballooned.Ranges[^1].End + 7, 3)),
            DynamicMemoryFault.UnballoonTwice => Unballoon(2, given, given),
            DynamicMemoryFault.UnballoonCount => Unballoon(0xFFFF_FFFF, given),
            DynamicMemoryFault.UnballoonBeyond => Unballoon(1, new PageRange((1UL << 40) - 1, RangeWord.MostPages)),
            DynamicMemoryFault.UnballoonUnfinished => Message(8, 16, words: (8, 1u)),
            DynamicMemoryFault.HotAddOverlap => HotAddMessage(new PageRange(0x100, 0x8000), new PageRange(0, 0x8000)),
            DynamicMemoryFault.HotAddBeyond => HotAddMessage(new PageRange((1UL << 40) - 1, 0x8000), new PageRange((1UL << 40) - 1, 0x8000)),
            DynamicMemoryFault.HotAddEmpty => HotAddMessage(new PageRange(0x10_0000, 0), new PageRange(0x10_0000, 0)),
            DynamicMemoryFault.HotAddRegion => HotAddMessage(new PageRange(0x20_0000, 0x8000), new PageRange(0x30_0000, 0x8000)),
            DynamicMemoryFault.HotAddUnaligned => HotAddMessage(new PageRange(0x20_0001, 3), new PageRange(0x20_0001, 3)),
            DynamicMemoryFault.InfoSize => Message(12, 32, words: [(12, 0xFFFF_FFFFu), (20, 0xFFFF_FFFFu)]),
            DynamicMemoryFault.InfoType => Message(12, 32, words: [(12, 16u), (16, 77u), (20, 8u)]),
            DynamicMemoryFault.VersionAgain => Message(2, 16),
            DynamicMemoryFault.CapabilitiesAgain => Message(4, 16),
            DynamicMemoryFault.HotRemove => Message(13, 24, words: [(12, 0x8000u), (16, 2u)]),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No such fault."),
        };
    }

    private byte[] Message(ushort type, int length, int? size = null, params ReadOnlySpan<(int Offset, uint Value)> words)
    {
        var message = new byte[length];
        BinaryPrimitives.WriteUInt16LittleEndian(message, type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), (ushort)(size ?? length));
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), NextId());
        foreach (var (offset, value) in words)
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(offset), value);
        return message;
    }

    private byte[] Unballoon(uint count, params ReadOnlySpan<PageRange> ranges)
    {
        var message = Message(8, 16 + (8 * ranges.Length), words: (12, count));
        for (var i = 0; i < ranges.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16 + (8 * i)), RangeWord.Encode(ranges[i]));
        return message;
    }

    private byte[] HotAddMessage(PageRange range, PageRange region)
    {
        var message = Message(10, 24);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), RangeWord.Encode(range));
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), RangeWord.Encode(region));
        return message;
    }
}
