using System.Buffers.Binary;
using System.Text;
using GuestOS.Kernel.Block.Partitions;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.Block;

public sealed class GptTests
{
    private const int Blocks = 4096;

    [Fact]
    public void The_checksum_is_the_one_of_the_standard() =>
        Assert.Equal(0xCBF4_3926u, Crc32.Compute(Encoding.ASCII.GetBytes("123456789")));

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public async Task Partitions_are_read_with_any_block_size(int blockSize)
    {
        byte[] disk = PartitionImages.Disk(512, blockSize).WithGpt(blockSize, (50, 99, "data"), (100, 100, ""));
        PartitionTable table = await PartitionScanner.ScanAsync(new MemoryBlockDevice(disk, blockSize));
        Assert.Equal("gpt", table.Kind);
        Assert.Equal([new(1, 50, 50, "basic data \"data\""), new(2, 100, 1, "basic data")], table.Partitions);
        Assert.Empty(table.Warnings);
    }

    [Theory]
    [InlineData(512)] // the header
    [InlineData(1024 + 40)] // the entries
    public async Task A_damaged_first_copy_is_replaced_by_the_other(int damagedByte)
    {
        byte[] disk = MakeDisk();
        disk[damagedByte] ^= 1;
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("gpt", table.Kind);
        Assert.Equal(2, table.Partitions.Count);
        Assert.Contains("copy at the disk's end", Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_first_copy_is_replaced_by_the_other()
    {
        var device = new MemoryBlockDevice(MakeDisk());
        device.BadBlocks.Add(1);
        Assert.Equal("gpt", (await PartitionScanner.ScanAsync(device)).Kind);
    }

    [Fact]
    public async Task With_both_copies_damaged_both_reasons_are_told()
    {
        byte[] disk = MakeDisk();
        disk[512 + 60] ^= 1;
        disk[^500] ^= 1;
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("broken", table.Kind);
        Assert.Empty(table.Partitions);
        Assert.Contains("GPT at block 1 cannot be used: its checksum is wrong", table.Error, StringComparison.Ordinal);
        Assert.Contains("Its copy at block 4095 neither", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_disk_is_broken_and_not_read_beyond_its_end()
    {
        PartitionTable table = await ScanAsync(MakeDisk()[..(1000 * 512)]);
        Assert.Equal("broken", table.Kind);
        Assert.Contains("smaller than the one that was partitioned", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_protective_mbr_is_a_warning()
    {
        byte[] disk = MakeDisk();
        disk.AsSpan(0, 512).Clear();
        PartitionTable table = await ScanAsync(disk);
        Assert.Equal("gpt", table.Kind);
        Assert.Contains("protective MBR", Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_mbr_partitions_hide_an_old_gpt() =>
        Assert.Equal("mbr", (await ScanAsync(MakeDisk().WithMbr((0x83, 64, 100)))).Kind);

    [Theory]
    [InlineData(80, uint.MaxValue)] // number of entries
    [InlineData(80, 0u)]
    [InlineData(84, 0u)] // size of an entry
    [InlineData(84, 127u)]
    [InlineData(84, 0x8000_0000u)]
    [InlineData(12, 91u)] // length of the header
    [InlineData(12, 513u)]
    [InlineData(12, uint.MaxValue)]
    [InlineData(72, 0u)] // place of the entries
    [InlineData(72, 1u)]
    [InlineData(72, (uint)Blocks)]
    [InlineData(76, uint.MaxValue)]
    [InlineData(40, uint.MaxValue)] // usable blocks
    [InlineData(52, uint.MaxValue)]
    [InlineData(24, 2u)] // own place
    [InlineData(8, 0x20000u)] // revision
    public void Hostile_headers_with_right_checksums_are_refused(int offset, uint value)
    {
        byte[] header = MakeDisk()[512..1024];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(offset), value);
        PartitionImages.FixHeader(header);
        Assert.False(GptHeader.TryRead(header, 1, Blocks, out _, out string error));
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData(100, 99)]
    [InlineData(100, Blocks)]
    [InlineData(100, ulong.MaxValue)]
    public async Task An_entry_that_leaves_the_disk_is_broken_and_others_stay(ulong first, ulong last)
    {
        PartitionTable table = await ScanAsync(PartitionImages.Disk(Blocks).WithGpt(512, (first, last, "bad"), (64, 99, "good")));
        Assert.Equal("broken", table.Kind);
        Assert.Contains("GPT partition 1", table.Error, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(table.Partitions).Number);
    }

    [Fact]
    public async Task Names_cannot_drive_a_terminal()
    {
        PartitionTable table = await ScanAsync(PartitionImages.Disk(Blocks).WithGpt(512, (64, 99, "a\e[2Jb\n")));
        Assert.Equal("basic data \"a[2Jb\"", table.Partitions[0].Description);
    }

    [Fact]
    public void Any_single_changed_bit_is_noticed()
    {
        byte[] header = MakeDisk()[512..1024];
        for (int bit = 0; bit < 92 * 8; bit++)
        {
            byte[] damaged = [.. header];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(GptHeader.TryRead(damaged, 1, Blocks, out _, out _));
        }
    }

    private static byte[] MakeDisk() => PartitionImages.Disk(Blocks).WithGpt(512, (64, 99, "one"), (100, 4000, "two"));

    private static Task<PartitionTable> ScanAsync(byte[] disk) => PartitionScanner.ScanAsync(new MemoryBlockDevice(disk));
}
