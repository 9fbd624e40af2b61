using System.Globalization;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>The check of every block request before it reaches a device.</summary>
internal static class BlockRequest
{
    /// <summary>Checks a transfer of whole blocks; null when it is sound.</summary>
    public static BlockError? CheckTransfer(IBlockDevice device, string operation, ulong block, int length)
    {
        BlockGeometry geometry = device.Geometry;
        if (geometry.BlockCount == 0)
            return NoMedium(device, operation);
        if (length <= 0 || length % geometry.BlockSize != 0)
        {
            return Invalid(device, operation, block, string.Create(
                CultureInfo.InvariantCulture, $"{length} bytes are not a whole number of {geometry.BlockSize}-byte blocks"));
        }

        return CheckRange(device, geometry, operation, block, (ulong)(length / geometry.BlockSize));
    }

    /// <summary>Checks a range of blocks; null when it is sound.</summary>
    public static BlockError? CheckBlocks(IBlockDevice device, string operation, ulong block, ulong count)
    {
        BlockGeometry geometry = device.Geometry;
        if (geometry.BlockCount == 0)
            return NoMedium(device, operation);
        return count == 0
            ? Invalid(device, operation, block, "no blocks")
            : CheckRange(device, geometry, operation, block, count);
    }

    /// <summary>A request that was not sent to the device.</summary>
    public static BlockError Invalid(IBlockDevice device, string operation, ulong? block, string detail) =>
        new(BlockErrorKind.InvalidRequest, device.Name, operation, block, detail);

    private static BlockError NoMedium(IBlockDevice device, string operation) =>
        new(BlockErrorKind.NoMedium, device.Name, operation, null, "no medium in the drive");

    private static BlockError? CheckRange(IBlockDevice device, BlockGeometry geometry, string operation, ulong block, ulong count)
    {
        // No sum of the two: it could wrap.
        if (block < geometry.BlockCount && count <= geometry.BlockCount - block)
            return null;
        return Invalid(device, operation, block, string.Create(
            CultureInfo.InvariantCulture, $"{count} blocks from {block} on leave the medium, which has {geometry.BlockCount}"));
    }
}
