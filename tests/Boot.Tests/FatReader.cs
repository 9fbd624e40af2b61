using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Boot.Tests;

/// <summary>Reads a FAT16 volume by its own parameter block, independently of the code that writes it.</summary>
internal static class FatReader
{
    public static int ClusterCount(byte[] volume)
    {
        var sectors = Word(volume, 19) != 0 ? Word(volume, 19) : (int)BinaryPrimitives.ReadUInt32LittleEndian(volume.AsSpan(32));
        return (sectors - DataSector(volume)) / volume[13];
    }

    public static byte[] Read(byte[] volume, params string[] path)
    {
        var folder = volume.AsSpan((Word(volume, 14) + volume[16] * Word(volume, 22)) * Word(volume, 11), Word(volume, 17) * 32).ToArray();
        byte[] content = folder;
        foreach (var name in path)
        {
            var entry = Find(content, name);
            content = Chain(volume, Word(entry, 26));
            if ((entry[11] & 0x10) == 0)
                content = content[..(int)BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(28))];
        }

        return content;
    }

    private static byte[] Find(byte[] folder, string name)
    {
        for (var i = 0; i < folder.Length && folder[i] != 0; i += 32)
        {
            var stem = Encoding.ASCII.GetString(folder, i, 8).TrimEnd();
            var extension = Encoding.ASCII.GetString(folder, i + 8, 3).TrimEnd();
            if ((extension.Length == 0 ? stem : $"{stem}.{extension}") == name)
                return folder[i..(i + 32)];
        }

        throw new FileNotFoundException(name);
    }

    private static byte[] Chain(byte[] volume, int cluster)
    {
        var size = volume[13] * Word(volume, 11);
        var fat = Word(volume, 14) * Word(volume, 11);
        using var content = new MemoryStream();
        for (; cluster < 0xFFF8; cluster = Word(volume, fat + cluster * 2))
        {
            Assert.InRange(cluster, 2, ClusterCount(volume) + 1);
            content.Write(volume, DataSector(volume) * Word(volume, 11) + (cluster - 2) * size, size);
        }

        return content.ToArray();
    }

    private static int DataSector(byte[] volume) =>
        Word(volume, 14) + volume[16] * Word(volume, 22) + (Word(volume, 17) * 32 + Word(volume, 11) - 1) / Word(volume, 11);

    private static int Word(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));
}
