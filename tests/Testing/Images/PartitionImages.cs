using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Testing.Images;

/// <summary>Makes partition tables byte by byte, from the layouts of UEFI 2.10 chapter 5.</summary>
internal static class PartitionImages
{
    public static readonly Guid BasicData = new("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");

    public static byte[] Disk(int blocks, int blockSize = 512) => new byte[blocks * blockSize];

    public static byte[] WithMbr(this byte[] disk, params (byte Type, uint Start, uint Count)[] entries) => disk.WithRecord(0, entries);

    /// <summary>A boot record at any block.</summary>
    public static byte[] WithRecord(this byte[] disk, int block, params (byte Type, uint Start, uint Count)[] entries)
    {
        Span<byte> sector = disk.AsSpan(block * 512, 512);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = sector[(446 + (i * 16))..];
            entry[4] = entries[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[i].Count);
        }

        sector[510] = 0x55;
        sector[511] = 0xAA;
        return disk;
    }

    /// <summary>A protective MBR and both copies of a GPT with 128 entries.</summary>
    public static byte[] WithGpt(this byte[] disk, int blockSize, params (ulong First, ulong Last, string Name)[] partitions)
    {
        ulong blocks = (ulong)(disk.Length / blockSize);
        var entries = new byte[128 * 128];
        for (int i = 0; i < partitions.Length; i++)
        {
            Span<byte> entry = entries.AsSpan(i * 128);
            BasicData.TryWriteBytes(entry);
            Guid.NewGuid().TryWriteBytes(entry[16..]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], partitions[i].First);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], partitions[i].Last);
            Encoding.Unicode.GetBytes(partitions[i].Name, entry[56..]);
        }

        ulong entryBlocks = (ulong)(entries.Length / blockSize);
        disk.WithMbr((0xEE, 1, (uint)blocks - 1));
        entries.CopyTo(disk.AsSpan(2 * blockSize));
        entries.CopyTo(disk.AsSpan((int)(blocks - 1 - entryBlocks) * blockSize));
        WriteHeader(disk.AsSpan(blockSize, blockSize), 1, blocks - 1, 2, blocks, entryBlocks, entries);
        WriteHeader(disk.AsSpan((int)(blocks - 1) * blockSize, blockSize), blocks - 1, 1, blocks - 1 - entryBlocks, blocks, entryBlocks, entries);
        return disk;
    }

    /// <summary>Makes the header's checksum right again after a change.</summary>
    public static void FixHeader(Span<byte> header)
    {
        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Checksum(header[..92]));
    }

    private static void WriteHeader(Span<byte> header, ulong place, ulong other, ulong entriesBlock, ulong blocks, ulong entryBlocks, byte[] entries)
    {
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], place);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], other);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], 2 + entryBlocks);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], blocks - 2 - entryBlocks);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], entriesBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Checksum(entries));
        FixHeader(header);
    }

    /// <summary>CRC-32 of UEFI 2.10 chapter 4.2, bit by bit.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB8_8320);
        }

        return ~crc;
    }
}
