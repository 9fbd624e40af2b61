using System.Diagnostics.CodeAnalysis;
using GuestOS.Kernel.Block.Paths;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>All block devices of the machine by name. Devices that are ways to one medium (<see cref="IMediumPath"/>) are one of them.</summary>
internal sealed class BlockRegistry
{
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly List<BlockEntry> _entries = [];

    /// <param name="clock">Time; null for the system's.</param>
    public BlockRegistry(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>A disk or drive was added (not a partition). Called outside the lock, on the publisher's thread.</summary>
    public event Action<BlockEntry>? Added;

    /// <summary>A device was removed, partitions included.</summary>
    public event Action<BlockEntry>? Removed;

    /// <summary>A disk is reached in another way now, or could not be.</summary>
    public event Action<HandoffReport>? HandedOff;

    /// <summary>A disk has another size now.</summary>
    public event Action<BlockEntry>? Resized;

    /// <summary>A snapshot in the order of publication, partitions after their disk.</summary>
    public IReadOnlyList<BlockEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Adds a driver's device, or the way that it is to a disk that is known already.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the geometry is not one that a device can have.</exception>
    public BlockEntry Add(IBlockDevice device, string driver)
    {
        int blockSize = device.Geometry.BlockSize;
        if (blockSize < 512 || !int.IsPow2(blockSize))
            throw new InvalidOperationException($"{device.Name}: a block size of {blockSize} bytes is not possible.");
        var path = device as IMediumPath;
        BlockEntry? entry;
        bool isKnown;
        lock (_lock)
        {
            RequireFreeName(device.Name);
            entry = path?.Medium is { } medium ? _entries.Find(other => other.Paths?.Medium == medium) : null;
            isKnown = entry is not null;
            if (entry is null)
            {
                MultipathDisk? paths = path?.Medium is null ? null : new MultipathDisk(path, driver, _clock, report => HandedOff?.Invoke(report));
                entry = new BlockEntry(device, paths, driver);
                _entries.Add(entry);
            }
        }

        if (isKnown)
        {
            entry.Paths!.AddPath(path!, driver);
            return entry;
        }

        if (device is IResizable resizable)
            resizable.Resized += OnResized;
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
            entry = new BlockEntry(partition, disk) { Description = description };
            int place = _entries.FindLastIndex(other => other == disk || other.Disk == disk) + 1;
            _entries.Insert(place, entry);
            return true;
        }
    }

    /// <summary>
    /// Removes a driver's device and its partitions; does nothing when it is not there. A disk that can be reached in another way stays.
    /// </summary>
    public void Remove(IBlockDevice device)
    {
        BlockEntry? disk;
        lock (_lock)
            disk = _entries.Find(entry => entry.Paths?.HasPath(device) ?? ReferenceEquals(entry.Source, device));
        if (disk is null || disk.Paths?.RemovePath(device) == true)
            return;
        if (device is IResizable resizable)
            resizable.Resized -= OnResized;
        List<BlockEntry> removed;
        lock (_lock)
        {
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

    private void OnResized(IBlockDevice device)
    {
        BlockEntry? disk;
        lock (_lock)
            disk = _entries.Find(entry => ReferenceEquals(entry.Source, device));
        if (disk is not null)
            Resized?.Invoke(disk);
    }

    private void RequireFreeName(string name)
    {
        if (_entries.Exists(other => other.Name == name || other.Source.Name == name))
            throw new InvalidOperationException($"There is a block device named {name} already.");
    }
}
