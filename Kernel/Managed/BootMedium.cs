using GuestOS.Kernel.Block;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Machine;

namespace GuestOS.Kernel;

/// <summary>Finds the medium that the kernel was started from: the first one with an ISO 9660 volume that holds the kernel's file.</summary>
internal static class BootMedium
{
    /// <summary>The kernel's file on every medium that the image builder makes.</summary>
    private static readonly string[] KernelPath = ["boot", "guestos.elf"];

    /// <summary>The volume, and the device that it is on; null when there is none.</summary>
    /// <param name="registry">All block devices.</param>
    /// <param name="wanted">Name of the device to use whatever is on it; null to search.</param>
    /// <param name="log">The log.</param>
    public static async Task<(BlockEntry Entry, IFileSystem FileSystem)?> FindAsync(BlockRegistry registry, string? wanted, ILog log)
    {
        foreach (BlockEntry entry in registry.Entries)
        {
            bool isWanted = entry.Name == wanted || entry.Disk?.Name == wanted;
            if (entry.Device.Geometry.BlockCount == 0 || (wanted is not null && !isWanted))
                continue;
            FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(entry.Device, log).ConfigureAwait(false);
            if (!volume.IsSuccess)
            {
                if (volume.Error.Kind != FileErrorKind.NotFound)
                    log.Warning($"{entry.Name}: {volume.Error}");
                continue;
            }

            if (wanted is not null || await HoldsKernelAsync(volume.Value).ConfigureAwait(false))
                return (entry, volume.Value);
        }

        return null;
    }

    private static async ValueTask<bool> HoldsKernelAsync(Iso9660FileSystem volume)
    {
        FileNode node = volume.Root;
        foreach (string name in KernelPath)
        {
            FileResult<FileNode> found = await volume.FindAsync(node, name).ConfigureAwait(false);
            if (!found.IsSuccess)
                return false;
            node = found.Value;
        }

        return node.Kind == FileNodeKind.File;
    }
}
