using GuestOS.Kernel.Block.Partitions;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.Block;

public sealed class MbrTests
{
    [Fact]
    public async Task Primary_partitions_keep_their_numbers()
    {
        PartitionTable table = await ScanAsync(PartitionImages.Disk(4096).WithMbr((0x83, 64, 100), (0, 0, 0), (0x0C, 200, 3896)));
        Assert.Equal("mbr", table.Kind);
        Assert.Equal([new(1, 64, 100, "type 0x83"), new(3, 200, 3896, "type 0x0c")], table.Partitions);
        Assert.Empty(table.Warnings);
    }

    [Fact]
    public async Task Logical_partitions_are_relative_to_their_record()
    {
        byte[] disk = PartitionImages.Disk(4096)
            .WithMbr((0x83, 64, 100), (0x0F, 1000, 3000))
            .WithRecord(1000, (0x83, 10, 90), (0x05, 200, 300))
            .WithRecord(1200, (0x82, 1, 299), (0x05, 600, 100))
            .WithRecord(1600, (0x83, 1, 99));
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("mbr", table.Kind);
        Assert.Equal([(1, 64ul), (5, 1010ul), (6, 1201ul), (7, 1601ul)], table.Partitions.Select(partition => (partition.Number, partition.FirstBlock)));
    }

    [Fact]
    public async Task A_chain_that_comes_back_ends_with_an_error_and_keeps_what_was_found()
    {
        byte[] disk = PartitionImages.Disk(4096)
            .WithMbr((0x83, 64, 100), (0x05, 1000, 3000))
            .WithRecord(1000, (0x83, 10, 90), (0x05, 200, 300))
            .WithRecord(1200, (0x83, 1, 99), (0x05, 0, 300));
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("broken", table.Kind);
        Assert.Contains("comes back", table.Error, StringComparison.Ordinal);
        Assert.Equal([1, 5, 6], table.Partitions.Select(partition => partition.Number));
    }

    [Fact]
    public async Task A_very_long_chain_ends()
    {
        byte[] disk = PartitionImages.Disk(4096).WithMbr((0x05, 1, 4095));
        for (int i = 1; i < 1000; i++)
            disk.WithRecord(i, (0x83, 1, 1), (0x05, (uint)i, 4095));
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("broken", table.Kind);
        Assert.Contains("more than 128", table.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, 4033)] // ends one block too far
    [InlineData(4096, 1)]
    [InlineData(0xFFFF_FFFF, 0xFFFF_FFFF)]
    [InlineData(64, 0)]
    public async Task An_entry_that_leaves_the_disk_is_broken_and_others_stay(uint start, uint count)
    {
        PartitionTable table = await ScanAsync(PartitionImages.Disk(4096).WithMbr((0x83, start, count), (0x83, 10, 20)));
        Assert.Equal("broken", table.Kind);
        Assert.Contains("MBR entry 1", table.Error, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(table.Partitions).Number);
    }

    [Fact]
    public async Task A_logical_partition_cannot_leave_the_extended_one()
    {
        byte[] disk = PartitionImages.Disk(4096).WithMbr((0x05, 1000, 100)).WithRecord(1000, (0x83, 1, 100), (0x05, 100, 1));
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("broken", table.Kind);
        Assert.Empty(table.Partitions);
        Assert.Contains("logical partition 5", table.Error, StringComparison.Ordinal);
        Assert.Contains("outside the extended partition", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logical_partitions_of_a_second_extended_partition_go_on_with_the_numbers()
    {
        byte[] disk = PartitionImages.Disk(4096).WithMbr((0x05, 100, 100), (0x0F, 1000, 100))
            .WithRecord(100, (0x83, 1, 5), (0x05, 10, 10)).WithRecord(110, (0x83, 1, 5)).WithRecord(1000, (0x83, 1, 7));
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("mbr", table.Kind);
        Assert.Equal([(5, 101UL), (6, 111UL), (7, 1001UL)], table.Partitions.Select(partition => (partition.Number, partition.FirstBlock)));
    }

    [Fact]
    public async Task A_missing_or_unreadable_extended_record_is_an_error()
    {
        byte[] disk = PartitionImages.Disk(4096).WithMbr((0x05, 1000, 100));
        Assert.Contains("no extended boot record", (await ScanAsync(disk)).Error, StringComparison.Ordinal);
        var device = new MemoryBlockDevice(disk);
        device.BadBlocks.Add(1000);
        Assert.Contains("cannot be read", (await PartitionScanner.ScanAsync(device)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_signature_and_a_file_systems_boot_sector_are_no_table()
    {
        Assert.Equal("none", (await ScanAsync(PartitionImages.Disk(64))).Kind);
        Assert.Equal("none", (await ScanAsync(PartitionImages.Disk(64).WithMbr())).Kind);
        byte[] fat = PartitionImages.Disk(64).WithMbr((0x12, 0x33, 0x44));
        fat[0] = 0xEB;
        "FAT16   "u8.CopyTo(fat.AsSpan(54));
        fat[446] = 0x41;
        Assert.Equal("none", (await ScanAsync(fat)).Kind);
    }

    [Fact]
    public async Task A_strange_status_is_broken()
    {
        byte[] disk = PartitionImages.Disk(64).WithMbr((0x83, 1, 2));
        disk[446] = 0x7F;
        Assert.Contains("status 0x7f", (await ScanAsync(disk)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overlaps_are_warned_of()
    {
        PartitionTable table = await ScanAsync(PartitionImages.Disk(4096).WithMbr((0x83, 64, 100), (0xEF, 100, 100)));
        Assert.Equal("mbr", table.Kind);
        Assert.Equal("Partitions 1 and 2 overlap.", Assert.Single(table.Warnings));
    }

    [Fact]
    public async Task An_unreadable_first_block_and_an_empty_medium_are_told()
    {
        var device = new MemoryBlockDevice(PartitionImages.Disk(64));
        device.BadBlocks.Add(0);
        Assert.Equal("broken", (await PartitionScanner.ScanAsync(device)).Kind);
        Assert.Equal("none", (await ScanAsync([])).Kind);
    }

    private static Task<PartitionTable> ScanAsync(byte[] disk) => PartitionScanner.ScanAsync(new MemoryBlockDevice(disk));
}
