using System.Buffers.Binary;

namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>Size and content of the numbered frames, which follow from a seed alone: both ends know every byte.</summary>
internal static class LinkContent
{
    /// <summary>Where the frame's number is.</summary>
    public const int NumberPlace = LinkFrame.BodyPlace;

    /// <summary>Where the content begins; it goes on to the frame's end.</summary>
    public const int Place = NumberPlace + sizeof(uint);

    private const int Sizes = LinkFrame.Longest - LinkFrame.Shortest + 1;

    /// <summary>Bytes of the whole frame, 60 to 1514.</summary>
    public static int SizeOf(ulong seed, uint number) => LinkFrame.Shortest + (int)(SplitMix64.Word(~seed, number) % Sizes);

    /// <summary>Writes the content.</summary>
    public static void Fill(Span<byte> content, ulong seed, uint number)
    {
        ulong own = SplitMix64.Word(seed, number);
        int whole = content.Length & ~7;
        SplitMix64.Fill(content[..whole], own, 0);
        if (whole == content.Length)
            return;
        Span<byte> last = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(last, SplitMix64.Word(own, (ulong)whole / 8));
        last[..(content.Length - whole)].CopyTo(content[whole..]);
    }

    /// <summary>Whether the content is what it must be.</summary>
    public static bool IsRight(ReadOnlySpan<byte> content, ulong seed, uint number)
    {
        ulong own = SplitMix64.Word(seed, number);
        int whole = content.Length & ~7;
        if (SplitMix64.FindDifference(content[..whole], own, 0) >= 0)
            return false;
        Span<byte> last = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(last, SplitMix64.Word(own, (ulong)whole / 8));
        return content[whole..].SequenceEqual(last[..(content.Length - whole)]);
    }
}
