using System.Buffers.Binary;

namespace GuestOS.Boot.Images;

/// <summary>Checks that a VHDX holds every block that its allocation table names (MS-VHDX).</summary>
internal static class VhdxFile
{
    private const int RegionTable = 192 << 10;
    private const int RegionTableSize = 64 << 10;
    private const int RegionEntrySize = 32;
    private const int MetadataEntrySize = 32;
    private const int MostRegions = 2047;
    private const ulong BlockPresent = 6;
    private static readonly Guid AllocationRegion = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    private static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    private static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");

    /// <summary>Whether a file begins like a VHDX.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> start) => start.StartsWith("vhdxfile"u8);

    /// <summary>Says what is wrong; null when the file is whole.</summary>
    public static string? Verify(Stream file)
    {
        if (file.Length < RegionTable + RegionTableSize)
            return $"it is truncated: {file.Length} bytes, a VHDX's headers alone take {RegionTable + RegionTableSize}";
        var table = Read(file, RegionTable, RegionTableSize);
        if (!table.AsSpan().StartsWith("regi"u8))
            return $"its region table is missing at byte {RegionTable}";
        var count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(8)), MostRegions);
        (long Offset, int Length)? allocation = null, metadata = null;
        for (var i = 0; i < count; i++)
        {
            var entry = table.AsSpan(16 + i * RegionEntrySize, RegionEntrySize);
            var place = (BinaryPrimitives.ReadInt64LittleEndian(entry[16..]), BinaryPrimitives.ReadInt32LittleEndian(entry[24..]));
            if (place.Item1 < 0 || place.Item2 < 0 || place.Item1 + place.Item2 > file.Length)
                return $"it is truncated: region {i} ends at byte {place.Item1 + place.Item2}, the file has {file.Length}";
            var id = new Guid(entry[..16]);
            if (id == AllocationRegion)
                allocation = place;
            else if (id == MetadataRegion)
                metadata = place;
        }

        if (allocation is not { } blocks || metadata is not { } items)
            return "its region table names no allocation table or no metadata";
        var blockSize = BlockSize(Read(file, items.Offset, items.Length));
        return blockSize is null
            ? "its metadata does not tell the block size"
            : VerifyBlocks(Read(file, blocks.Offset, blocks.Length), blockSize.Value, file.Length);
    }

    private static string? VerifyBlocks(ReadOnlySpan<byte> table, uint blockSize, long fileLength)
    {
        for (var i = 0; i + 8 <= table.Length; i += 8)
        {
            var entry = BinaryPrimitives.ReadUInt64LittleEndian(table[i..]);
            var end = ((entry >> 20) << 20) + blockSize;
            if ((entry & 7) == BlockPresent && end > (ulong)fileLength)
                return $"it is truncated: block {i / 8} ends at byte {end}, the file has {fileLength}";
        }

        return null;
    }

    private static uint? BlockSize(ReadOnlySpan<byte> metadata)
    {
        if (metadata.Length < 32 || !metadata.StartsWith("metadata"u8))
            return null;
        var count = BinaryPrimitives.ReadUInt16LittleEndian(metadata[10..]);
        for (var i = 0; i < count && (i + 2) * MetadataEntrySize <= metadata.Length; i++)
        {
            var entry = metadata.Slice((i + 1) * MetadataEntrySize, MetadataEntrySize);
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            if (new Guid(entry[..16]) == FileParameters && offset + 4 <= (uint)metadata.Length)
                return BinaryPrimitives.ReadUInt32LittleEndian(metadata[(int)offset..]);
        }

        return null;
    }

    private static byte[] Read(Stream file, long offset, int length)
    {
        var buffer = new byte[length];
        file.Position = offset;
        file.ReadExactly(buffer);
        return buffer;
    }
}
