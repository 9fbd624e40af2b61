using GuestOS.Kernel.Block.Partitions;
using GuestOS.Kernel.Events;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>Looks at every disk that is published: reads its partition table, adds the partitions, and reports all of it.</summary>
internal sealed class DiskManager
{
    private readonly BlockRegistry _registry;
    private readonly ILog _log;
    private readonly DiskEvents _events;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    public DiskManager(BlockRegistry registry, IEventLog events, ILog log)
    {
        _registry = registry;
        _log = log;
        _events = new DiskEvents(events, log);
        registry.Added += entry => Track(() => LookAsync(entry));
        registry.Resized += entry => Track(() => LookAgainAsync(entry));
    }

    /// <summary>Ends when no look at a disk is under way.</summary>
    public async Task WaitAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_lock)
                running = [.. _running];
            if (running.Length == 0)
                return;
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at a disk again: its medium, or what is on it, has changed.</summary>
    public Task LookAgainAsync(BlockEntry disk)
    {
        _registry.RemovePartitions(disk);
        return LookAsync(disk);
    }

    /// <summary>Reports a disk again: it is the boot medium.</summary>
    public void Report(BlockEntry entry) => _events.Changed(entry);

    private void Track(Func<Task> start)
    {
        lock (_lock)
        {
            Task look = Task.Run(start);
            _running.Add(look);
            _ = look.ContinueWith(
                ended =>
                {
                    lock (_lock)
                        _running.Remove(ended);
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private async Task LookAsync(BlockEntry entry)
    {
        var partitions = new List<BlockEntry>();
        try
        {
            if (entry.Kind == BlockKind.Disk && entry.Device.Geometry.BlockCount > 0)
                await ReadTableAsync(entry, partitions).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The disk stays usable as a whole, whatever is on it.
            entry.Table = PartitionTable.Broken;
            entry.TableError = exception.Message;
            _log.Error($"{entry.Name}: looking at the disk failed: {exception}");
        }

        _events.Changed(entry);
        foreach (BlockEntry partition in partitions)
            _events.Changed(partition);
    }

    private async Task ReadTableAsync(BlockEntry entry, List<BlockEntry> partitions)
    {
        PartitionTable table = await PartitionScanner.ScanAsync(entry.Device).ConfigureAwait(false);
        entry.Table = table.Kind;
        entry.TableError = table.Error;
        foreach (string warning in table.Warnings)
            _log.Warning($"{entry.Name}: {warning}");
        foreach (Partition partition in table.Partitions)
        {
            var device = new PartitionDevice(entry.Device, entry.Name + "p" + partition.Number, partition.FirstBlock, partition.BlockCount);
            if (!_registry.TryAddPartition(entry, device, partition.Description, out BlockEntry? added))
                return;
            partitions.Add(added);
        }
    }
}
