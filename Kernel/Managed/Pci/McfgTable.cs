using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Kernel.Pci;

/// <summary>One range of buses whose configuration space is mapped into memory.</summary>
/// <param name="Base">Guest-physical address of bus 0 of the segment (also where the range starts at a higher bus).</param>
/// <param name="Segment">Segment group.</param>
/// <param name="FirstBus">First bus.</param>
/// <param name="LastBus">Last bus.</param>
internal readonly record struct McfgEntry(ulong Base, ushort Segment, byte FirstBus, byte LastBus);

/// <summary>The ACPI MCFG table (PCI Firmware 3.0 section 4.1.2).</summary>
internal static class McfgTable
{
    /// <summary>ACPI table header: 36 bytes.</summary>
    public const int HeaderLength = 36;

    /// <summary>Longest table that is believed: 1,024 ranges.</summary>
    public const int LongestTable = EntriesOffset + (1024 * EntryLength);

    private const int EntriesOffset = 44;
    private const int EntryLength = 16;

    /// <summary>Length of the whole table from its header, when the header is one of an MCFG.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> header, out int length)
    {
        length = 0;
        if (header.Length < HeaderLength || !header[..4].SequenceEqual("MCFG"u8))
            return false;
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (value is < EntriesOffset or > LongestTable)
            return false;
        length = (int)value;
        return true;
    }

    /// <summary>Reads the ranges of a whole table; false when its checksum or its form is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> table, [NotNullWhen(true)] out IReadOnlyList<McfgEntry>? entries)
    {
        entries = null;
        if (!TryReadLength(table, out int length) || length > table.Length)
            return false;
        byte sum = 0;
        foreach (byte value in table[..length])
            sum += value;
        if (sum != 0)
            return false;

        var list = new List<McfgEntry>();
        for (ReadOnlySpan<byte> rest = table[EntriesOffset..length]; rest.Length >= EntryLength; rest = rest[EntryLength..])
        {
            var entry = new McfgEntry(
                BinaryPrimitives.ReadUInt64LittleEndian(rest),
                BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]),
                rest[10],
                rest[11]);
            if (entry.Base != 0 && (entry.Base & 0xF_FFFF) == 0 && entry.FirstBus <= entry.LastBus)
                list.Add(entry);
        }

        entries = list;
        return true;
    }
}
