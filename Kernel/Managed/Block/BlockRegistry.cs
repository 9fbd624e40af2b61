using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>All block devices of the machine by name.</summary>
internal sealed class BlockRegistry
{
    private readonly Lock _lock = new();
    private readonly List<BlockEntry> _entries = [];

    /// <summary>A disk or drive was added (not a partition). Called outside the lock, on the publisher's thread.</summary>
    public event Action<BlockEntry>? Added;

    /// <summary>A device was removed, partitions included.</summary>
    public event Action<BlockEntry>? Removed;

    /// <summary>A snapshot in the order of publication, partitions after their disk.</summary>
    public IReadOnlyList<BlockEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Adds a driver's device.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the geometry is not one that a device can have.</exception>
    public BlockEntry Add(IBlockDevice device, string driver)
    {
        int blockSize = device.Geometry.BlockSize;
        if (blockSize < 512 || !int.IsPow2(blockSize))
            throw new InvalidOperationException($"{device.Name}: a block size of {blockSize} bytes is not possible.");
        var entry = new BlockEntry(device, ValidatedBlockDevice.Wrap(device), null, driver);
        lock (_lock)
        {
            RequireFreeName(device.Name);
            _entries.Add(entry);
        }

        Added?.Invoke(entry);
        return entry;
    }

    /// <summary>Adds a partition after its disk; false when the disk has gone meanwhile.</summary>
    public bool TryAddPartition(BlockEntry disk, PartitionDevice partition, string description, [NotNullWhen(true)] out BlockEntry? entry)
    {
        entry = null;
        lock (_lock)
        {
            if (!_entries.Contains(disk))
                return false;
            RequireFreeName(partition.Name);
            entry = new BlockEntry(partition, partition, disk, disk.Driver) { Description = description };
            int place = _entries.FindLastIndex(other => other == disk || other.Disk == disk) + 1;
            _entries.Insert(place, entry);
            return true;
        }
    }

    /// <summary>Removes a driver's device and its partitions; does nothing when it is not there.</summary>
    public void Remove(IBlockDevice device)
    {
        List<BlockEntry> removed;
        lock (_lock)
        {
            BlockEntry? disk = _entries.Find(entry => ReferenceEquals(entry.Source, device));
            if (disk is null)
                return;
            removed = _entries.FindAll(entry => entry == disk || entry.Disk == disk);
            _entries.RemoveAll(removed.Contains);
        }

        foreach (BlockEntry entry in removed)
            Removed?.Invoke(entry);
    }

    /// <summary>Removes the partitions of a disk, whose medium was changed.</summary>
    public void RemovePartitions(BlockEntry disk)
    {
        List<BlockEntry> removed;
        lock (_lock)
        {
            removed = _entries.FindAll(entry => entry.Disk == disk);
            _entries.RemoveAll(removed.Contains);
        }

        foreach (BlockEntry entry in removed)
            Removed?.Invoke(entry);
    }

    /// <summary>Finds a device by its exact name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out BlockEntry? entry)
    {
        lock (_lock)
            entry = _entries.Find(other => other.Name == name);
        return entry is not null;
    }

    private void RequireFreeName(string name)
    {
        if (_entries.Exists(other => other.Name == name))
            throw new InvalidOperationException($"There is a block device named {name} already.");
    }
}
