using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GuestOS.Boot.Images;

/// <summary>Writes and checks GUID partition tables on disks with 512-byte blocks (UEFI 5.3).</summary>
internal static class GuidPartitionTable
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockSize = 512;

    /// <summary>Blocks that the backup table takes at the disk's end.</summary>
    public const int BackupBlocks = EntryBlocks + 1;

    private const int EntryCount = 128;
    private const int EntrySize = 128;
    private const int EntryBlocks = EntryCount * EntrySize / BlockSize;
    private const int HeaderSize = 92;
    private const int ProtectiveEntry = 446;
    private static ReadOnlySpan<byte> Signature => "EFI PART"u8;

    /// <summary>Writes protective MBR, primary and backup table. The MBR's boot code area is left as it is.</summary>
    /// <param name="disk">The whole disk.</param>
    /// <param name="partitions">The partitions, in order of their numbers.</param>
    /// <param name="seed">The disk's and the partitions' GUIDs derive from it.</param>
    public static void Write(Span<byte> disk, IReadOnlyList<DiskPartition> partitions, ReadOnlySpan<byte> seed)
    {
        var blocks = (ulong)(disk.Length / BlockSize);
        var entries = new byte[EntryCount * EntrySize];
        for (var i = 0; i < partitions.Count; i++)
            WriteEntry(entries.AsSpan(i * EntrySize), partitions[i], DeriveGuid(seed, i + 1));

        WriteProtectiveRecord(disk, blocks);
        var diskId = DeriveGuid(seed, 0);
        var crc = Crc32.Of(entries);
        entries.CopyTo(disk[(2 * BlockSize)..]);
        WriteHeader(disk[BlockSize..], 1, blocks - 1, 2, blocks, diskId, crc);
        var backup = blocks - BackupBlocks;
        entries.CopyTo(disk[(int)(backup * BlockSize)..]);
        WriteHeader(disk[(int)((blocks - 1) * BlockSize)..], blocks - 1, 1, backup, blocks, diskId, crc);
    }

    /// <summary>Says what is wrong with a disk's primary table; null when it is whole.</summary>
    /// <param name="start">The disk's first blocks, two at least.</param>
    /// <param name="length">The disk's length in bytes.</param>
    public static string? Verify(ReadOnlySpan<byte> start, long length)
    {
        var header = start[BlockSize..];
        if (!header.StartsWith(Signature))
            return "the GUID partition table's signature is missing in block 1";
        var copy = header[..HeaderSize].ToArray();
        copy.AsSpan(16, 4).Clear();
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) != Crc32.Of(copy))
            return "the GUID partition table's header in block 1 has a wrong checksum";
        var backup = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        return backup >= (ulong)(length / BlockSize)
            ? $"it is truncated: the backup partition table belongs into block {backup}, the file ends after {length} bytes ({length / BlockSize} blocks)"
            : null;
    }

    /// <summary>A GUID that depends only on its inputs (version 8, RFC 9562).</summary>
    public static Guid DeriveGuid(ReadOnlySpan<byte> seed, int index)
    {
        var input = new byte[seed.Length + 4];
        seed.CopyTo(input);
        BinaryPrimitives.WriteInt32LittleEndian(input.AsSpan(seed.Length), index);
        var bytes = SHA256.HashData(input)[..16];
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes);
    }

    private static void WriteProtectiveRecord(Span<byte> disk, ulong blocks)
    {
        var entry = disk[ProtectiveEntry..];
        entry[..64].Clear();
        entry[1] = 0x00;
        entry[2] = 0x02;
        entry[4] = 0xEE;
        entry[5] = 0xFF;
        entry[6] = 0xFF;
        entry[7] = 0xFF;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(blocks - 1, uint.MaxValue));
        disk[510] = 0x55;
        disk[511] = 0xAA;
    }

    private static void WriteEntry(Span<byte> entry, DiskPartition partition, Guid id)
    {
        partition.Type.TryWriteBytes(entry);
        id.TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], partition.FirstBlock);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], partition.FirstBlock + partition.Blocks - 1);
        Encoding.Unicode.GetBytes(partition.Name, entry.Slice(56, 72));
    }

    private static void WriteHeader(Span<byte> header, ulong here, ulong other, ulong entries, ulong blocks, Guid diskId, uint entriesCrc)
    {
        Signature.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x00010000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], here);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], other);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], 2 + EntryBlocks);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], blocks - BackupBlocks - 1);
        diskId.TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], entriesCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header[..HeaderSize]));
    }
}
