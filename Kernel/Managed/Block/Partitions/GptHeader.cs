using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>The checked header of a GUID partition table (UEFI 2.10 section 5.3.2).</summary>
internal sealed record GptHeader
{
    /// <summary>Bytes of entries that are believed: 64 times the usual table.</summary>
    public const int LongestEntries = 1 << 20;

    private const ulong Signature = 0x5452_4150_2049_4645; // "EFI PART"
    private const uint Revision1 = 0x0001_0000;
    private const int SmallestHeader = 92;
    private const int CrcOffset = 16;
    private const int SmallestEntry = 128;
    private const int LargestEntry = 4096;

    /// <summary>Where the other header is.</summary>
    public required ulong AlternateBlock { get; init; }

    /// <summary>First block that a partition may use.</summary>
    public required ulong FirstUsable { get; init; }

    /// <summary>Last block that a partition may use.</summary>
    public required ulong LastUsable { get; init; }

    /// <summary>First block of the entries.</summary>
    public required ulong EntriesBlock { get; init; }

    /// <summary>Number of entries.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Size of an entry in bytes.</summary>
    public required int EntrySize { get; init; }

    /// <summary>CRC of all entries.</summary>
    public required uint EntriesCrc { get; init; }

    /// <summary>Size of all entries in bytes.</summary>
    public int EntriesLength => EntryCount * EntrySize;

    /// <summary>Whether a block begins like a header at all.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> block) =>
        block.Length >= SmallestHeader && BinaryPrimitives.ReadUInt64LittleEndian(block) == Signature;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="block">The whole block.</param>
    /// <param name="place">The block's number.</param>
    /// <param name="blocks">Number of blocks of the disk.</param>
    /// <param name="header">The header, when everything about it is sound.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryRead(ReadOnlySpan<byte> block, ulong place, ulong blocks, [NotNullWhen(true)] out GptHeader? header, out string error)
    {
        header = null;
        if (!HasSignature(block))
            return Fail("there is no GPT header", out error);
        if (BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) != Revision1)
            return Fail("its revision is unknown", out error);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        if (length < SmallestHeader || length > (uint)block.Length)
            return Fail($"its length of {length} bytes is impossible", out error);
        if (Crc(block[..(int)length]) != BinaryPrimitives.ReadUInt32LittleEndian(block[CrcOffset..]))
            return Fail("its checksum is wrong", out error);
        if (BinaryPrimitives.ReadUInt64LittleEndian(block[24..]) != place)
            return Fail("it names another place as its own", out error);
        return TryReadFields(block, blocks, out header, out error);
    }

    private static bool TryReadFields(ReadOnlySpan<byte> block, ulong blocks, [NotNullWhen(true)] out GptHeader? header, out string error)
    {
        header = null;
        error = "";
        ulong firstUsable = BinaryPrimitives.ReadUInt64LittleEndian(block[40..]);
        ulong lastUsable = BinaryPrimitives.ReadUInt64LittleEndian(block[48..]);
        ulong entriesBlock = BinaryPrimitives.ReadUInt64LittleEndian(block[72..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(block[80..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(block[84..]);
        if (size is < SmallestEntry or > LargestEntry || !uint.IsPow2(size))
            return Fail($"entries of {size} bytes are impossible", out error);
        if (count == 0 || (ulong)count * size > LongestEntries)
            return Fail($"{count} entries of {size} bytes are not believable", out error);
        ulong entriesBlocks = ((ulong)count * size / (uint)block.Length) + 1;
        if (entriesBlock < 2 || entriesBlock >= blocks || entriesBlocks > blocks - entriesBlock)
            return Fail($"its entries at block {entriesBlock} are not on the disk", out error);
        if (firstUsable > lastUsable || lastUsable >= blocks)
            return Fail($"its usable blocks {firstUsable} to {lastUsable} are not on the disk, which has {blocks}: the disk is smaller than the one that was partitioned", out error);
        header = new GptHeader
        {
            AlternateBlock = BinaryPrimitives.ReadUInt64LittleEndian(block[32..]),
            FirstUsable = firstUsable,
            LastUsable = lastUsable,
            EntriesBlock = entriesBlock,
            EntryCount = (int)count,
            EntrySize = (int)size,
            EntriesCrc = BinaryPrimitives.ReadUInt32LittleEndian(block[88..]),
        };
        return true;
    }

    private static bool Fail(FormattableString text, out string error)
    {
        error = text.ToString(CultureInfo.InvariantCulture);
        return false;
    }

    private static bool Fail(string text, out string error)
    {
        error = text;
        return false;
    }

    /// <summary>The header's CRC is computed with its own field as zero.</summary>
    private static uint Crc(ReadOnlySpan<byte> header)
    {
        uint state = Crc32.Update(Crc32.Start, header[..CrcOffset]);
        state = Crc32.Update(state, stackalloc byte[4]);
        return Crc32.Finish(Crc32.Update(state, header[(CrcOffset + 4)..]));
    }
}
