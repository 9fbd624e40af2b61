using System.Globalization;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>Reads an MBR's partitions, with the chain of extended boot records.</summary>
internal sealed class MbrReader
{
    private const int FirstLogicalNumber = 5;

    /// <summary>Logical partitions that are read at most; real disks have far fewer.</summary>
    private const int MostLogical = 128;

    private readonly IBlockDevice _disk;
    private readonly ulong _blocks;
    private readonly List<Partition> _partitions = [];
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];
    private readonly HashSet<ulong> _records = [];
    private int _nextLogical = FirstLogicalNumber;

    private MbrReader(IBlockDevice disk)
    {
        _disk = disk;
        _blocks = disk.Geometry.BlockCount;
    }

    /// <summary>Reads the table whose entries are given. Entries that are wrong make it "broken"; the others stay usable.</summary>
    public static async Task<PartitionTable> ReadAsync(IBlockDevice disk, IReadOnlyList<MbrEntry> entries)
    {
        var reader = new MbrReader(disk);
        await reader.ReadEntriesAsync(entries).ConfigureAwait(false);
        reader.FindOverlaps();
        if (reader._errors.Count > 0)
            return new PartitionTable(PartitionTable.Broken, reader._partitions, string.Join(' ', reader._errors), reader._warnings);
        return reader._partitions.Count == 0 && entries.All(entry => !entry.IsUsed)
            ? PartitionTable.None
            : new PartitionTable(PartitionTable.Mbr, reader._partitions, null, reader._warnings);
    }

    private static string Type(byte type) => string.Create(CultureInfo.InvariantCulture, $"type 0x{type:x2}");

    private async Task ReadEntriesAsync(IReadOnlyList<MbrEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            MbrEntry entry = entries[i];
            if (!entry.HasValidStatus)
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"MBR entry {i + 1} has status 0x{entry.Status:x2}, which no partition has."));
                continue;
            }

            if (!entry.IsUsed || !IsOnDisk(entry.Start, entry.Count, $"MBR entry {i + 1}", _blocks))
                continue;
            if (entry.IsExtended)
                await ReadLogicalAsync(entry).ConfigureAwait(false);
            else
                _partitions.Add(new Partition(i + 1, entry.Start, entry.Count, Type(entry.Type)));
        }
    }

    /// <summary>Follows the chain: each record describes one logical partition, relative to itself, and the next record, relative to the first. A second extended partition goes on with the numbers.</summary>
    private async Task ReadLogicalAsync(MbrEntry extended)
    {
        ulong end = (ulong)extended.Start + extended.Count;
        ulong place = extended.Start;
        var sector = new byte[_disk.Geometry.BlockSize];
        while (_records.Add(place))
        {
            if (_records.Count > MostLogical)
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"There are more than {MostLogical} extended boot records."));
                return;
            }

            BlockResult read = await _disk.ReadAsync(place, sector).ConfigureAwait(false);
            if (!read.IsSuccess)
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"The extended boot record at block {place} cannot be read: {read.Error}"));
                return;
            }

            if (!MbrSector.HasSignature(sector))
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"There is no extended boot record at block {place}."));
                return;
            }

            MbrEntry[] entries = MbrSector.ReadEntries(sector);
            if (entries[0].IsUsed && !entries[0].IsExtended)
            {
                int number = _nextLogical++;
                if (IsOnDisk(place + entries[0].Start, entries[0].Count, $"logical partition {number}", end))
                    _partitions.Add(new Partition(number, place + entries[0].Start, entries[0].Count, Type(entries[0].Type)));
            }

            if (!entries[1].IsExtended)
                return;
            ulong next = (ulong)extended.Start + entries[1].Start;
            if (next >= end)
            {
                _errors.Add(string.Create(CultureInfo.InvariantCulture, $"The extended boot record at block {place} leads to block {next}, outside the extended partition."));
                return;
            }

            place = next;
        }

        _errors.Add(string.Create(CultureInfo.InvariantCulture, $"The chain of extended boot records comes back to block {place}."));
    }

    private bool IsOnDisk(ulong start, ulong count, string what, ulong end)
    {
        if (count != 0 && start < end && count <= end - start)
            return true;
        _errors.Add(string.Create(
            CultureInfo.InvariantCulture, $"{what}: blocks {start} to {start + count} are not inside its disk or extended partition, which ends at {end}."));
        return false;
    }

    private void FindOverlaps()
    {
        // Hybrid discs overlap on purpose, so this is no error.
        for (int i = 0; i < _partitions.Count; i++)
        {
            for (int j = i + 1; j < _partitions.Count; j++)
            {
                Partition a = _partitions[i], b = _partitions[j];
                if (a.FirstBlock < b.FirstBlock + b.BlockCount && b.FirstBlock < a.FirstBlock + a.BlockCount)
                    _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"Partitions {a.Number} and {b.Number} overlap."));
            }
        }
    }
}
