using System.Buffers.Binary;
using System.Text;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.FileSystems.Serving;

/// <summary>Writes struct linux_dirent64 records (getdents64(2)): inode, position after it, length, type, name with a zero; padded to 8 bytes.</summary>
internal static class DirectoryEntryWriter
{
    private const int HeaderLength = 19;
    private const byte TypeDirectory = 4;
    private const byte TypeFile = 8;
    private const byte TypeLink = 10;

    /// <summary>Writes as many entries as fit, from a position (an index, "." and ".." included) on.</summary>
    /// <param name="self">The directory.</param>
    /// <param name="listing">Its entries.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="destination">The caller's buffer.</param>
    /// <param name="next">Where to go on.</param>
    /// <returns>Bytes written, 0 at the end, -EINVAL when the buffer is too small for one entry.</returns>
    public static long Write(FileNode self, FileListing listing, ulong position, Span<byte> destination, out ulong next)
    {
        int written = 0;
        next = position;
        while (next < (ulong)listing.Nodes.Count + 2)
        {
            FileNode node = next < 2 ? self : listing.Nodes[(int)next - 2];
            string name = next switch
            {
                0 => ".",
                1 => "..",
                _ => node.Name,
            };
            int nameLength = Encoding.UTF8.GetByteCount(name);
            int length = (HeaderLength + nameLength + 1 + 7) & ~7;
            if (length > destination.Length - written)
                return written > 0 ? written : -Errno.Invalid;
            Span<byte> entry = destination.Slice(written, length);
            entry.Clear();
            next++;
            BinaryPrimitives.WriteUInt64LittleEndian(entry, node.Inode);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], next);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], (ushort)length);
            entry[18] = node.Kind switch
            {
                FileNodeKind.Directory => TypeDirectory,
                FileNodeKind.Link => TypeLink,
                _ => TypeFile,
            };
            Encoding.UTF8.GetBytes(name, entry[HeaderLength..]);
            written += length;
        }

        return written;
    }
}
