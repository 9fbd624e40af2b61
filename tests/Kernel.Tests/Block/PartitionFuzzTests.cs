using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.Block.Partitions;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.Block;

/// <summary>Whatever is on a disk, a scan ends, stays on the disk (the fake device checks that) and gives partitions that lie on it.</summary>
public sealed class PartitionFuzzTests
{
    [Fact]
    public void Random_blocks() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        byte[] disk = PartitionImages.Disk(128);
        random.NextBytes(disk);
        for (int block = 0; block < 128; block++)
        {
            if (random.Next(2) == 0)
                disk.WithRecord(block);
            for (int entry = 0; entry < 4; entry++)
            {
                int place = (block * 512) + 446 + (entry * 16);
                disk[place] = (byte)(random.Next(4) == 0 ? 1 : 0x80);
                disk[place + 4] = (byte)new[] { 0, 5, 0x0F, 0x83, 0x85, 0xEE }[random.Next(6)];
                BitConverter.TryWriteBytes(disk.AsSpan(place + 8), random.Next(160));
                BitConverter.TryWriteBytes(disk.AsSpan(place + 12), random.Next(160));
            }
        }

        Check(disk, 512);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Damaged_tables_with_right_checksums() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        byte[] disk = PartitionImages.Disk(256).WithGpt(512, (40, 50, "a"), (60, 70, "b"));
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int header = random.Next(2) == 0 ? 512 : 255 * 512;
            disk[header + random.Next(92)] = (byte)random.Next(256);
            PartitionImages.FixHeader(disk.AsSpan(header, 512));
        }

        Check(disk, 512);
    }).QuickCheckThrowOnFailure();

    private static void Check(byte[] disk, int blockSize)
    {
        var device = new MemoryBlockDevice(disk, blockSize);
        PartitionTable table = PartitionScanner.ScanAsync(device).Result;
        Assert.Contains(table.Kind, new[] { "gpt", "mbr", "none", "broken" });
        Assert.Equal(table.Kind == "broken", table.Error is not null);
        Assert.All(table.Partitions, partition =>
        {
            Assert.True(partition.BlockCount > 0 && partition.FirstBlock < device.Geometry.BlockCount);
            Assert.True(partition.BlockCount <= device.Geometry.BlockCount - partition.FirstBlock);
        });
        Assert.InRange(device.Reads.Count, 1, 600);
    }
}
