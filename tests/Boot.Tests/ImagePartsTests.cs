using System.Buffers.Binary;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

public sealed class ImagePartsTests
{
    [Fact]
    public void The_checksum_is_that_of_the_standards_check_value() => Assert.Equal(0xCBF43926u, Crc32.Of("123456789"u8));

    [Theory]
    [InlineData(10_000)]
    [InlineData(4096)]
    [InlineData(3_000_000)]
    public void A_kernel_loses_symbols_and_section_headers_and_nothing_else(int length)
    {
        var linked = TestKernel.Create(length);
        var stripped = ElfFile.Strip(linked);
        Assert.Equal(length, stripped.Length);
        Assert.Null(ElfFile.Verify(stripped));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(stripped.AsSpan(0x28)));
        Assert.Equal(0, BinaryPrimitives.ReadUInt16LittleEndian(stripped.AsSpan(0x3C)));
        Assert.True(stripped.AsSpan(0x40).SequenceEqual(linked.AsSpan(0x40, length - 0x40)));
    }

    [Fact]
    public void What_is_wrong_with_a_kernel_is_said()
    {
        var kernel = TestKernel.Create(5000);
        Assert.Contains("ELF signature", ElfFile.Verify(new byte[100]), StringComparison.Ordinal);
        Assert.Contains("truncated", ElfFile.Verify(kernel.AsSpan(0, 30)), StringComparison.Ordinal);
        Assert.Contains("truncated", ElfFile.Verify(kernel.AsSpan(0, 100)), StringComparison.Ordinal);
        Assert.Contains("end at byte 5000", ElfFile.Verify(kernel.AsSpan(0, 4999)), StringComparison.Ordinal);
        Assert.Contains("Multiboot2", ElfFile.Verify(Changed(kernel, 0x100)), StringComparison.Ordinal);
        Assert.Contains("64-bit x86", ElfFile.Verify(Changed(kernel, 0x12)), StringComparison.Ordinal);
        Assert.Contains("truncated", ElfFile.Verify(Changed(kernel, 0x40 + 39)), StringComparison.Ordinal);
        Assert.Throws<ToolException>(() => ElfFile.Strip(new byte[64]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(786_432)]
    [InlineData(5_000_001)]
    public void The_efi_volume_gives_back_the_file(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var volume = FatVolume.Create("EFI/BOOT/BOOTX64.EFI", content, 0x12345678);
        Assert.Equal(content, FatReader.Read(volume, "EFI", "BOOT", "BOOTX64.EFI"));
        Assert.True(FatReader.ClusterCount(volume) >= 4085, "readers would take it for FAT12");
        Assert.True(FatReader.ClusterCount(volume) < 65525, "readers would take it for FAT32");
    }

    [Fact]
    public void A_partition_table_that_was_written_is_whole_and_a_changed_bit_is_noticed()
    {
        var disk = new byte[1 << 20];
        GuidPartitionTable.Write(disk, [new DiskPartition(DiskPartition.BasicData, "Data", 64, 100)], "seed"u8);
        Assert.Null(GuidPartitionTable.Verify(disk.AsSpan(0, 1024), disk.Length));
        Assert.Contains("truncated", GuidPartitionTable.Verify(disk.AsSpan(0, 1024), disk.Length - 512), StringComparison.Ordinal);
        for (var offset = 512 + 8; offset < 512 + 92; offset += 7)
            Assert.NotNull(GuidPartitionTable.Verify(Changed(disk, offset).AsSpan(0, 1024), disk.Length));

        // Both copies of the entries are the same, and the backup header names the primary one.
        Assert.True(disk.AsSpan(1024, 16384).SequenceEqual(disk.AsSpan(disk.Length - 512 - 16384, 16384)));
        Assert.Equal(1UL, BinaryPrimitives.ReadUInt64LittleEndian(disk.AsSpan(disk.Length - 512 + 32)));
    }

    [Theory]
    [InlineData(6291456L, 0x00B40411u)]
    [InlineData(2147483648L, 0x1041103Fu)]
    public void The_vhd_geometry_is_that_of_the_specification(long length, uint geometry) =>
        Assert.Equal(geometry, BinaryPrimitives.ReadUInt32BigEndian(VhdFooter.Create(length, Guid.Empty).AsSpan(56)));

    private static byte[] Changed(byte[] bytes, int offset)
    {
        var copy = (byte[])bytes.Clone();
        copy[offset] ^= 0x40;
        return copy;
    }
}
