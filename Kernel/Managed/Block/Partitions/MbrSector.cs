using System.Buffers.Binary;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>One entry of a master or extended boot record.</summary>
/// <param name="Status">0x80 active, 0 not; anything else is no partition entry.</param>
/// <param name="Type">Partition type; 0 unused.</param>
/// <param name="Start">First block, relative to what the table's place defines.</param>
/// <param name="Count">Number of blocks.</param>
internal readonly record struct MbrEntry(byte Status, byte Type, uint Start, uint Count)
{
    private const byte ExtendedChs = 0x05;
    private const byte ExtendedLba = 0x0F;
    private const byte ExtendedLinux = 0x85;
    private const byte GptProtective = 0xEE;

    public bool IsUsed => Type != 0;

    public bool IsExtended => Type is ExtendedChs or ExtendedLba or ExtendedLinux;

    /// <summary>The entry that guards a GPT (UEFI 2.10 section 5.2.3).</summary>
    public bool IsProtective => Type == GptProtective;

    public bool HasValidStatus => (Status & 0x7F) == 0;
}

/// <summary>The first 512 bytes of a disk or of an extended boot record (UEFI 2.10 section 5.2.1).</summary>
internal static class MbrSector
{
    public const int Size = 512;
    public const int EntryCount = 4;

    private const int FirstEntry = 446;
    private const int EntrySize = 16;
    private const int SignatureOffset = 510;
    private const ushort Signature = 0xAA55;

    /// <summary>Whether the sector ends with the signature.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> sector) =>
        sector.Length >= Size && BinaryPrimitives.ReadUInt16LittleEndian(sector[SignatureOffset..]) == Signature;

    /// <summary>
    /// Whether the sector is the boot sector of a file system that has the whole disk: then the place of the entries holds code.
    /// FAT: Microsoft's FAT specification, BS_FilSysType at 54 or 82. NTFS: OEM name at 3.
    /// </summary>
    public static bool IsFileSystem(ReadOnlySpan<byte> sector) =>
        sector[0] is 0xEB or 0xE9
        && (sector[3..].StartsWith("NTFS    "u8) || sector[54..].StartsWith("FAT"u8) || sector[82..].StartsWith("FAT32"u8));

    /// <summary>Reads the four entries.</summary>
    public static MbrEntry[] ReadEntries(ReadOnlySpan<byte> sector)
    {
        var entries = new MbrEntry[EntryCount];
        for (int i = 0; i < EntryCount; i++)
        {
            ReadOnlySpan<byte> entry = sector.Slice(FirstEntry + (i * EntrySize), EntrySize);
            entries[i] = new MbrEntry(
                entry[0],
                entry[4],
                BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }

        return entries;
    }
}
