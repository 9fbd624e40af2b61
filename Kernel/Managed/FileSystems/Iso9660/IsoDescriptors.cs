using GuestOS.Kernel.Block;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>The volume descriptors of a disc that are used.</summary>
/// <param name="Primary">The plain (and Rock Ridge) tree.</param>
/// <param name="Joliet">The Joliet tree, where there is one.</param>
internal sealed record IsoDescriptors(IsoVolumeDescriptor Primary, IsoVolumeDescriptor? Joliet)
{
    /// <summary>Reads the list of descriptors.</summary>
    public static async ValueTask<FileResult<IsoDescriptors>> ReadAsync(BlockReader reader, CancellationToken cancellationToken)
    {
        IsoVolumeDescriptor? primary = null, joliet = null;
        var sector = new byte[IsoFormat.SectorSize];
        for (int i = 0; i < IsoFormat.MostDescriptors; i++)
        {
            ulong position = (ulong)(IsoFormat.FirstDescriptor + i) * IsoFormat.SectorSize;
            if (position + IsoFormat.SectorSize > reader.Length)
                break;
            BlockResult read = await reader.ReadAsync(position, sector, cancellationToken).ConfigureAwait(false);
            if (!read.IsSuccess)
                return new FileError(FileErrorKind.Device, read.ToString());
            if (!IsoVolumeDescriptor.HasSignature(sector) || IsoVolumeDescriptor.IsTerminator(sector))
                break;
            if (!IsoVolumeDescriptor.IsUsable(sector))
                continue;
            if (!IsoVolumeDescriptor.TryRead(sector, out IsoVolumeDescriptor? descriptor, out string error))
                return new FileError(FileErrorKind.Corrupt, $"The ISO 9660 volume descriptor at byte {position} cannot be used: {error}.");
            if (descriptor.IsJoliet)
                joliet ??= descriptor;
            else
                primary ??= descriptor;
        }

        return primary is null
            ? new FileError(FileErrorKind.NotFound, "There is no ISO 9660 volume.")
            : new IsoDescriptors(primary, joliet);
    }
}
