using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Boot.Images;

/// <summary>
/// Writes a FAT16 volume with one file in nested folders: an EFI system partition.
/// The same input gives the same bytes. Layout: Microsoft "FAT: General Overview of On-Disk Format" 1.03.
/// </summary>
internal static class FatVolume
{
    /// <summary>Bytes of a sector; a cluster has one sector.</summary>
    public const int SectorSize = 512;

    /// <summary>Fewer clusters than this and readers take the volume for FAT12.</summary>
    private const int LeastClusters = 4085;
    private const int ReservedSectors = 1;
    private const int FatCount = 2;
    private const int RootEntries = 112;
    private const int EntrySize = 32;
    private const int RootSectors = RootEntries * EntrySize / SectorSize;
    private const int SpareClusters = 64;
    private const byte MediaFixed = 0xF8;
    private const byte AttributeDirectory = 0x10;
    private const byte AttributeArchive = 0x20;
    private const ushort EndOfChain = 0xFFFF;

    /// <summary>1 January 2025 in FAT's form: years since 1980, month, day.</summary>
    private const ushort FixedDate = (45 << 9) | (1 << 5) | 1;

    /// <summary>Makes a volume.</summary>
    /// <param name="path">Path of the file: 8.3 names in capitals, separated by slashes.</param>
    /// <param name="content">The file's bytes.</param>
    /// <param name="serial">Volume serial number.</param>
    /// <returns>The volume; whole sectors.</returns>
    public static byte[] Create(string path, ReadOnlySpan<byte> content, uint serial)
    {
        var names = path.Split('/');
        var fileClusters = Math.Max(1, (content.Length + SectorSize - 1) / SectorSize);
        var clusters = Math.Max(LeastClusters + SpareClusters, names.Length - 1 + fileClusters + SpareClusters);
        var fatSectors = ((clusters + 2) * 2 + SectorSize - 1) / SectorSize;
        var dataStart = ReservedSectors + FatCount * fatSectors + RootSectors;
        var volume = new byte[(dataStart + clusters) * SectorSize];
        WriteBootSector(volume, dataStart + clusters, fatSectors, serial);

        var fat = new byte[fatSectors * SectorSize];
        SetFat(fat, 0, 0xFF00 | MediaFixed);
        SetFat(fat, 1, EndOfChain);

        ushort next = 2;
        ushort parent = 0;
        var entries = volume.AsSpan((ReservedSectors + FatCount * fatSectors) * SectorSize, RootSectors * SectorSize);
        foreach (var name in names[..^1])
        {
            var cluster = next++;
            SetFat(fat, cluster, EndOfChain);
            WriteEntry(entries, name, AttributeDirectory, cluster, 0);
            var folder = Cluster(volume, dataStart, cluster);
            WriteEntry(folder, ".", AttributeDirectory, cluster, 0);
            WriteEntry(folder[EntrySize..], "..", AttributeDirectory, parent, 0);
            entries = folder[(2 * EntrySize)..];
            parent = cluster;
        }

        WriteEntry(entries, names[^1], AttributeArchive, next, (uint)content.Length);
        content.CopyTo(volume.AsSpan((dataStart + next - 2) * SectorSize));
        for (var i = 0; i < fileClusters; i++, next++)
            SetFat(fat, next, i == fileClusters - 1 ? EndOfChain : (ushort)(next + 1));

        for (var copy = 0; copy < FatCount; copy++)
            fat.CopyTo(volume, (ReservedSectors + copy * fatSectors) * SectorSize);
        return volume;
    }

    private static Span<byte> Cluster(byte[] volume, int dataStart, int cluster) =>
        volume.AsSpan((dataStart + cluster - 2) * SectorSize, SectorSize);

    private static void SetFat(byte[] fat, int cluster, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(fat.AsSpan(cluster * 2), (ushort)value);

    private static void WriteBootSector(Span<byte> sector, int totalSectors, int fatSectors, uint serial)
    {
        // Jump over the parameter block to an endless loop: this volume's boot sector is never run.
        sector[0] = 0xEB;
        sector[1] = 0x3C;
        sector[2] = 0x90;
        sector[0x3E] = 0xEB;
        sector[0x3F] = 0xFE;
        "GUESTOS "u8.CopyTo(sector[3..]);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[11..], SectorSize);
        sector[13] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(sector[14..], ReservedSectors);
        sector[16] = FatCount;
        BinaryPrimitives.WriteUInt16LittleEndian(sector[17..], RootEntries);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[19..], totalSectors < 0x10000 ? (ushort)totalSectors : (ushort)0);
        sector[21] = MediaFixed;
        BinaryPrimitives.WriteUInt16LittleEndian(sector[22..], (ushort)fatSectors);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[24..], 32);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[26..], 16);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[32..], totalSectors < 0x10000 ? 0 : (uint)totalSectors);
        sector[36] = 0x80;
        sector[38] = 0x29;
        BinaryPrimitives.WriteUInt32LittleEndian(sector[39..], serial);
        "GUESTOS    "u8.CopyTo(sector[43..]);
        "FAT16   "u8.CopyTo(sector[54..]);
        sector[510] = 0x55;
        sector[511] = 0xAA;
    }

    private static void WriteEntry(Span<byte> entry, string name, byte attribute, ushort cluster, uint length)
    {
        entry[..11].Fill((byte)' ');
        var dot = name.StartsWith('.') ? -1 : name.IndexOf('.');
        Encoding.ASCII.GetBytes(name.AsSpan(0, dot < 0 ? name.Length : dot), entry);
        if (dot >= 0)
            Encoding.ASCII.GetBytes(name.AsSpan(dot + 1), entry[8..]);
        entry[11] = attribute;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], FixedDate);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], FixedDate);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[24..], FixedDate);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[26..], cluster);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], length);
    }
}
