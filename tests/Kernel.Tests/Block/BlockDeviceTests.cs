using GuestOS.Kernel.Block;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Block;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.Block;

public sealed class BlockDeviceTests
{
    private readonly MemoryBlockDevice _disk = new([.. Enumerable.Range(0, 64 * 512).Select(i => (byte)(i / 512))]);

    [Theory]
    [InlineData(0, 512, true)]
    [InlineData(63, 512, true)]
    [InlineData(0, 64 * 512, true)]
    [InlineData(64, 512, false)]
    [InlineData(63, 1024, false)]
    [InlineData(0, 65 * 512, false)]
    [InlineData(ulong.MaxValue, 512, false)]
    [InlineData(ulong.MaxValue - 1, 1024, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, 511, false)]
    [InlineData(0, 513, false)]
    public async Task Requests_are_checked_before_the_driver_sees_them(ulong block, int length, bool isGood)
    {
        var device = ValidatedBlockDevice.Wrap(_disk);
        BlockResult read = await device.ReadAsync(block, new byte[length]);
        BlockResult write = await device.WriteAsync(block, new byte[length]);
        Assert.Equal(isGood, read.IsSuccess);
        Assert.Equal(isGood, write.IsSuccess);
        if (!isGood)
        {
            Assert.Equal(BlockErrorKind.InvalidRequest, read.Error!.Kind);
            Assert.Equal(block, read.Error.Block);
            Assert.Empty(_disk.Reads);
        }
    }

    [Theory]
    [InlineData(0, 64, true)]
    [InlineData(1, 64, false)]
    [InlineData(2, ulong.MaxValue, false)]
    [InlineData(0, 0, false)]
    public async Task Discards_are_checked(ulong block, ulong count, bool isGood) =>
        Assert.Equal(isGood, (await ValidatedBlockDevice.Wrap(_disk).DiscardAsync(block, count)).IsSuccess);

    [Fact]
    public async Task Read_only_and_empty_media_are_told_apart()
    {
        var device = ValidatedBlockDevice.Wrap(_disk);
        _disk.Geometry = _disk.Geometry with { IsReadOnly = true };
        Assert.Equal(BlockErrorKind.ReadOnly, (await device.WriteAsync(0, new byte[512])).Error!.Kind);
        _disk.Geometry = _disk.Geometry with { BlockCount = 0 };
        Assert.Equal(BlockErrorKind.NoMedium, (await device.ReadAsync(0, new byte[512])).Error!.Kind);
        Assert.IsAssignableFrom<IRemovableBlockDevice>(device);
    }

    [Fact]
    public async Task A_disk_that_changes_its_size_is_looked_at_and_reported_again()
    {
        var events = new RecordingEvents();
        var registry = new BlockRegistry();
        var manager = new DiskManager(registry, events, new RecordingLog());
        var disk = new MemoryBlockDevice(PartitionImages.Disk(4096).WithMbr((0x83, 64, 100)));
        registry.Add(disk, "fake");
        await manager.WaitAsync();
        disk.Resize(PartitionImages.Disk(8192).WithMbr((0x83, 64, 100), (0x83, 5000, 100)));
        await manager.WaitAsync();
        Assert.Equal(["mem0", "mem0p1", "mem0p2"], registry.Entries.Select(entry => entry.Name));
        Assert.Equal(["4096", "8192"], events.Of("disk").Where(entry => RecordingEvents.Text(entry, "name") == "mem0").Select(entry => RecordingEvents.Text(entry, "blocks")));

        // Who is gone is not listened to.
        registry.Remove(disk);
        disk.Resize(new byte[512]);
        await manager.WaitAsync();
        Assert.Empty(registry.Entries);
    }

    [Fact]
    public async Task A_partition_moves_requests_and_keeps_them_inside()
    {
        var partition = new PartitionDevice(_disk, "mem0p1", 10, 5);
        var buffer = new byte[5 * 512];
        Assert.True((await partition.ReadAsync(0, buffer)).IsSuccess);
        Assert.Equal(10, buffer[0]);
        Assert.Equal(14, buffer[^1]);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await partition.ReadAsync(5, new byte[512])).Error!.Kind);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await partition.ReadAsync(ulong.MaxValue - 9, new byte[512])).Error!.Kind);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await partition.WriteAsync(4, new byte[1024])).Error!.Kind);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await partition.DiscardAsync(4, 2)).Error!.Kind);
        Assert.Equal(5ul, partition.Geometry.BlockCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartitionDevice(_disk, "x", 60, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartitionDevice(_disk, "x", ulong.MaxValue, 5));
    }

    [Fact]
    public void The_registry_keeps_order_names_and_removes_partitions_with_their_disk()
    {
        var registry = new BlockRegistry();
        var removed = new List<string>();
        registry.Removed += entry => removed.Add(entry.Name);
        BlockEntry first = registry.Add(_disk, "a");
        registry.Add(new MemoryBlockDevice(new byte[4096], 2048, "mem1"), "b");
        Assert.True(registry.TryAddPartition(first, new PartitionDevice(_disk, "mem0p1", 0, 1), "x", out _));
        Assert.True(registry.TryAddPartition(first, new PartitionDevice(_disk, "mem0p2", 1, 1), "x", out _));
        Assert.Equal(["mem0", "mem0p1", "mem0p2", "mem1"], registry.Entries.Select(entry => entry.Name));
        Assert.Equal([BlockKind.Disk, BlockKind.Partition, BlockKind.Partition, BlockKind.CdRom], registry.Entries.Select(entry => entry.Kind));
        Assert.Throws<InvalidOperationException>(() => registry.Add(new MemoryBlockDevice(new byte[512]), "c"));
        Assert.Throws<InvalidOperationException>(() => registry.Add(new MemoryBlockDevice(new byte[600], 600, "odd"), "c"));
        registry.Remove(_disk);
        Assert.Equal(["mem0", "mem0p1", "mem0p2"], removed);
        Assert.False(registry.TryAddPartition(first, new PartitionDevice(_disk, "mem0p3", 1, 1), "x", out _));
        registry.Remove(_disk);
        Assert.Single(registry.Entries);
    }
}
