using System.Buffers.Binary;
using GuestOS.Machine;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// Physical region descriptors of a bus master (SFF-8038i 1.2; PIIX4 datasheet 5.4.2): 8 bytes each, address (even, below 4 GiB),
/// byte count (even, 0 for 64 KiB), flags with bit 15 on the last. A region must not cross a multiple of 64 KiB.
/// </summary>
internal static class PrdTable
{
    public const int EntrySize = 8;

    /// <summary>The table is one page, so it never crosses 64 KiB itself.</summary>
    public const int TableSize = 4096;

    public const int MaximumEntries = TableSize / EntrySize;
    public const int MaximumRegion = 0x10000;
    public const uint EndOfTable = 0x8000_0000;

    /// <summary>What a region must obey.</summary>
    public static DmaConstraints Constraints => new(0xFFFF_FFFF, Alignment: 2, Boundary: MaximumRegion, LongestSegment: MaximumRegion);

    /// <summary>
    /// Writes the table for <paramref name="segments"/>, splitting at multiples of 64 KiB. False, with the table in no defined state,
    /// when a segment is empty, odd, or not below 4 GiB, or when the table is too short.
    /// </summary>
    public static bool TryWrite(ReadOnlySpan<DmaSegment> segments, Span<byte> table, out int entries)
    {
        entries = 0;
        foreach (var segment in segments)
        {
            var address = segment.Address.Value;
            var left = segment.Length;
            if (left <= 0 || (left & 1) != 0 || (address & 1) != 0 || address > 0x1_0000_0000UL - (ulong)left)
                return false;
            while (left > 0)
            {
                if ((entries + 1) * EntrySize > table.Length)
                    return false;
                var region = Math.Min(left, MaximumRegion - (int)(address & (MaximumRegion - 1)));
                var entry = table.Slice(entries * EntrySize, EntrySize);
                BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)address);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)region & 0xFFFF);
                entries++;
                address += (uint)region;
                left -= region;
            }
        }

        if (entries == 0)
            return false;
        var last = table.Slice(((entries - 1) * EntrySize) + 4, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(last, BinaryPrimitives.ReadUInt32LittleEndian(last) | EndOfTable);
        return true;
    }
}
