using System.Buffers.Binary;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>Finds out what an image file is, by its content, and whether it is whole, before a machine is started with it.</summary>
internal static class ImageInspector
{
    private const int StartSize = Iso9660Volume.DescriptorOffset + Iso9660Volume.BlockSize;
    private const int PartitionEntries = 446;
    private const int PartitionEntrySize = 16;
    private const byte ProtectiveType = 0xEE;

    /// <summary>The format of an image.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ToolException">It is missing, damaged, truncated, or no image; the message names file, fault and place.</exception>
    public static ImageFormat Identify(string path)
    {
        if (Directory.Exists(path))
            throw new ToolException($"{path} is a folder, not an image file.");
        if (!File.Exists(path))
            throw new ToolException($"{path} does not exist.");
        try
        {
            using var file = File.OpenRead(path);
            return Identify(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static ImageFormat Identify(string path, FileStream file)
    {
        if (file.Length == 0)
            throw Damaged(path, "it is empty");
        var start = new byte[Math.Min(file.Length, StartSize)];
        file.ReadExactly(start);

        if (ElfFile.HasMagic(start))
            return Judge(path, ImageFormat.Elf, ElfFile.Verify(File.ReadAllBytes(path)));
        if (VhdxFile.HasSignature(start))
            return Judge(path, ImageFormat.Vhdx, VhdxFile.Verify(file));
        if (start.Length == StartSize && Iso9660Volume.HasSignature(start.AsSpan(Iso9660Volume.DescriptorOffset)))
            return Judge(path, ImageFormat.Iso, VerifyIso(start, file.Length));
        if (file.Length >= VhdFooter.Size && VhdFooter.HasCookie(Tail(file)))
            return Judge(path, ImageFormat.Vhd, VerifyDisk(start, file.Length - VhdFooter.Size));
        if (path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase))
            throw Damaged(path, $"it is truncated or no VHD: the footer is missing at byte {Math.Max(0, file.Length - VhdFooter.Size)}");
        if (path.EndsWith(".iso", StringComparison.OrdinalIgnoreCase))
            throw Damaged(path, file.Length < StartSize
                ? $"it is truncated: {file.Length} bytes, the first volume descriptor ends at byte {StartSize}"
                : $"there is no ISO 9660 volume descriptor at byte {Iso9660Volume.DescriptorOffset}");
        if (start.Length >= 512 && start[510] == 0x55 && start[511] == 0xAA)
            return Judge(path, ImageFormat.Img, VerifyDisk(start, file.Length));
        throw Damaged(path, "it is no image that a machine could boot: no ISO 9660 volume, no partition table, no VHD, VHDX or ELF");
    }

    private static ImageFormat Judge(string path, ImageFormat format, string? fault) => fault is null ? format : throw Damaged(path, fault);

    private static ToolException Damaged(string path, string fault) => new($"{path} cannot be used: {fault}.");

    private static string? VerifyIso(ReadOnlySpan<byte> start, long length)
    {
        var blocks = Iso9660Volume.BlocksOf(start[Iso9660Volume.DescriptorOffset..]);
        var size = (long)blocks * Iso9660Volume.BlockSize;
        if (size > length)
            return $"it is truncated: the volume has {blocks} blocks ({size} bytes), the file has {length} bytes";
        var hasTable = start[510] == 0x55 && start[511] == 0xAA;
        return hasTable ? VerifyDisk(start, length) : null;
    }

    private static string? VerifyDisk(ReadOnlySpan<byte> start, long length)
    {
        if (start.Length < 2 * GuidPartitionTable.BlockSize)
            return $"it is truncated: {length} bytes";
        if (start[510] != 0x55 || start[511] != 0xAA)
            return "the boot signature 55 AA is missing at byte 510";
        for (var i = 0; i < 4; i++)
        {
            var entry = start.Slice(PartitionEntries + i * PartitionEntrySize, PartitionEntrySize);
            if (entry[4] == ProtectiveType)
                return GuidPartitionTable.Verify(start, length);
            var first = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            var count = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            var end = ((long)first + count) * GuidPartitionTable.BlockSize;
            if (entry[4] != 0 && end > length)
                return $"it is truncated: partition {i + 1} ends at byte {end}, the file has {length}";
        }

        return null;
    }

    private static byte[] Tail(FileStream file)
    {
        var tail = new byte[VhdFooter.Size];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        return tail;
    }
}
