using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>Finds out how a disk is partitioned.</summary>
internal static class PartitionScanner
{
    /// <summary>Reads the partition table. A disk's content is not trusted; whatever it is, the answer is a table.</summary>
    public static async Task<PartitionTable> ScanAsync(IBlockDevice disk)
    {
        if (disk.Geometry.BlockCount == 0)
            return PartitionTable.None;
        var block = new byte[disk.Geometry.BlockSize];
        BlockResult read = await disk.ReadAsync(0, block).ConfigureAwait(false);
        if (!read.IsSuccess)
            return PartitionTable.Unusable($"Block 0 cannot be read: {read.Error}");

        if (!MbrSector.HasSignature(block))
        {
            if (!await GptReader.IsThereAsync(disk).ConfigureAwait(false))
                return PartitionTable.None;
            PartitionTable table = await GptReader.ReadAsync(disk).ConfigureAwait(false);
            return table with { Warnings = [.. table.Warnings, "The protective MBR before the GPT is missing."] };
        }

        MbrEntry[] entries = MbrSector.ReadEntries(block);
        if (entries.Any(entry => entry.IsProtective))
            return await GptReader.ReadAsync(disk).ConfigureAwait(false);
        return MbrSector.IsFileSystem(block) ? PartitionTable.None : await MbrReader.ReadAsync(disk, entries).ConfigureAwait(false);
    }
}
