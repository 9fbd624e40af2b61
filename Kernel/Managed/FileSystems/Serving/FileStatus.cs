using System.Runtime.InteropServices;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.FileSystems.Serving;

/// <summary>Makes a struct stat of a node.</summary>
internal static class FileStatus
{
    private const int BlockUnit = 512;
    private const int TransferSize = 64 * 1024;

    /// <summary>Writes it; false when the buffer is too small.</summary>
    public static bool TryWrite(FileNode node, int device, Span<byte> destination)
    {
        LinuxStat status = default;
        status.Device = (ulong)device;
        status.Inode = node.Inode;
        status.Links = node.Kind == FileNodeKind.Directory ? 2u : 1u;
        status.Mode = node.Permissions | node.Kind switch
        {
            FileNodeKind.Directory => LinuxStat.Directory,
            FileNodeKind.Link => LinuxStat.SymbolicLink,
            _ => LinuxStat.RegularFile,
        };
        status.Size = (long)Math.Min(node.Size, long.MaxValue);
        status.BlockSize = TransferSize;
        status.Blocks = (status.Size / BlockUnit) + (status.Size % BlockUnit == 0 ? 0 : 1);
        long seconds = node.Modified.ToUnixTimeSeconds();
        long nanoseconds = (node.Modified.Ticks - DateTimeOffset.FromUnixTimeSeconds(seconds).Ticks - node.Modified.Offset.Ticks) * 100;
        status.AccessSeconds = status.ModifySeconds = status.ChangeSeconds = seconds;
        status.AccessNanoseconds = status.ModifyNanoseconds = status.ChangeNanoseconds = nanoseconds;
        return MemoryMarshal.TryWrite(destination, status);
    }
}
