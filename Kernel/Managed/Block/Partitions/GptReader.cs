using System.Globalization;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>Reads a GUID partition table: the first copy, and the one at the disk's end where the first is damaged.</summary>
internal static class GptReader
{
    private const ulong PrimaryBlock = 1;

    /// <summary>Whether block 1 begins like a GPT header.</summary>
    public static async Task<bool> IsThereAsync(IBlockDevice disk)
    {
        var block = new byte[disk.Geometry.BlockSize];
        return disk.Geometry.BlockCount > PrimaryBlock
            && (await disk.ReadAsync(PrimaryBlock, block).ConfigureAwait(false)).IsSuccess
            && GptHeader.HasSignature(block);
    }

    /// <summary>Reads the table.</summary>
    public static async Task<PartitionTable> ReadAsync(IBlockDevice disk)
    {
        (PartitionTable? table, string primaryError) = await TryReadCopyAsync(disk, PrimaryBlock, []).ConfigureAwait(false);
        if (table is not null)
            return table;

        // UEFI 2.10 section 5.3.2: the other copy is in the last block.
        ulong last = disk.Geometry.BlockCount - 1;
        string first = string.Create(CultureInfo.InvariantCulture, $"The GPT at block {PrimaryBlock} cannot be used: {primaryError}.");
        (table, string backupError) = await TryReadCopyAsync(disk, last, [first + " Its copy at the disk's end is used."]).ConfigureAwait(false);
        return table ?? PartitionTable.Unusable(string.Create(CultureInfo.InvariantCulture, $"{first} Its copy at block {last} neither: {backupError}."));
    }

    private static async Task<(PartitionTable? Table, string Error)> TryReadCopyAsync(IBlockDevice disk, ulong place, List<string> warnings)
    {
        int blockSize = disk.Geometry.BlockSize;
        ulong blocks = disk.Geometry.BlockCount;
        if (place >= blocks || place == 0)
            return (null, "the disk is too small");
        var block = new byte[blockSize];
        BlockResult read = await disk.ReadAsync(place, block).ConfigureAwait(false);
        if (!read.IsSuccess)
            return (null, $"it cannot be read ({read.Error})");
        if (!GptHeader.TryRead(block, place, blocks, out GptHeader? header, out string error))
            return (null, error);

        var entries = new byte[(header.EntriesLength + blockSize - 1) / blockSize * blockSize];
        read = await disk.ReadAsync(header.EntriesBlock, entries).ConfigureAwait(false);
        if (!read.IsSuccess)
            return (null, $"its entries cannot be read ({read.Error})");
        if (Crc32.Compute(entries.AsSpan(0, header.EntriesLength)) != header.EntriesCrc)
            return (null, "the checksum of its entries is wrong");

        var errors = new List<string>();
        IReadOnlyList<Partition> partitions = GptEntries.Read(entries, header, blocks, errors, warnings);
        return errors.Count == 0
            ? (new PartitionTable(PartitionTable.Gpt, partitions, null, warnings), "")
            : (new PartitionTable(PartitionTable.Broken, partitions, string.Join(' ', errors), warnings), "");
    }
}
