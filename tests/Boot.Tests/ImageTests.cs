using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

public sealed class ImageTests(ImageFixture images) : IClassFixture<ImageFixture>
{
    private const long LargestIsoBesideKernel = 11 << 20;
    private const string LongName = "/data/A file with a Rather long name, mixed case.bin";

    public static TheoryData<string> Formats => [.. Enum.GetNames<ImageFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_is_recognised(string format) =>
        Assert.Equal(Enum.Parse<ImageFormat>(format), ImageInspector.Identify(images.PathOf(Enum.Parse<ImageFormat>(format))));

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_truncated_image_is_refused_with_its_name_and_the_fault(string format)
    {
        var whole = File.ReadAllBytes(images.PathOf(Enum.Parse<ImageFormat>(format)));
        var path = images.File("cut." + format.ToLowerInvariant());
        foreach (var length in new[] { 70, whole.Length / 3, whole.Length / 2, whole.Length - 700 })
        {
            File.WriteAllBytes(path, whole.AsSpan(0, length));
            var error = Assert.Throws<ToolException>(() => ImageInspector.Identify(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.True(
                error.Message.Contains("truncated", StringComparison.Ordinal) || error.Message.Contains("no image", StringComparison.Ordinal),
                $"{length} bytes of {format}: {error.Message}");
        }
    }

    [Fact]
    public void Missing_empty_and_foreign_files_are_refused()
    {
        var path = images.File("other");
        Assert.Contains("does not exist", Assert.Throws<ToolException>(() => ImageInspector.Identify(path + ".none")).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<ToolException>(() => ImageInspector.Identify(Path.GetTempPath())).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.Contains("empty", Assert.Throws<ToolException>(() => ImageInspector.Identify(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(100_000)[..99_999]);
        Assert.Contains("no image", Assert.Throws<ToolException>(() => ImageInspector.Identify(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_partition_table_is_refused_with_its_place()
    {
        var disk = File.ReadAllBytes(images.PathOf(ImageFormat.Img));
        disk[512 + 24] ^= 1;
        var path = images.File("damaged.img");
        File.WriteAllBytes(path, disk);
        Assert.Contains("block 1 has a wrong checksum", Assert.Throws<ToolException>(() => ImageInspector.Identify(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ImageFormat.Iso))]
    [InlineData(nameof(ImageFormat.Img))]
    [InlineData(nameof(ImageFormat.Vhd))]
    [InlineData(nameof(ImageFormat.Elf))]
    public async Task The_same_input_gives_the_same_bytes(string format)
    {
        var again = images.File("again." + format);
        await new ImageBuilder(images.Repository).WriteAsync(images.Kernel, Enum.Parse<ImageFormat>(format), "", again, TestContext.Current.CancellationToken);
        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(images.PathOf(Enum.Parse<ImageFormat>(format))))),
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(again))));
    }

    [Fact]
    public void The_disc_holds_kernel_and_licence_and_is_small()
    {
        using var stream = File.OpenRead(images.PathOf(ImageFormat.Iso));
        var volume = new Iso9660Volume(stream, 0);
        Assert.Equal(images.Kernel, volume.ReadFile(GrubLoader.KernelPath));
        Assert.Equal(File.ReadAllBytes(Path.Combine(images.Repository.Root, "LICENSE")), volume.ReadFile("/LICENSE"));
        Assert.Throws<FileNotFoundException>(() => volume.ReadFile("/nothing"));
        Assert.InRange(stream.Length, 1, LargestIsoBesideKernel + ImageFixture.KernelLength);
        Assert.Equal(0, stream.Length % Iso9660Volume.BlockSize);
    }

    [Fact]
    public async Task Discs_have_rock_ridge_and_joliet_names()
    {
        var path = images.File("names.iso");
        var content = MediumContent.Of([new(LongName, RandomNumberGenerator.GetBytes(5000))]);
        await IsoImage.WriteDataAsync(content, path, TestContext.Current.CancellationToken);
        var disc = File.ReadAllBytes(path);
        var name = Path.GetFileName(LongName);
        Assert.True(disc.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name)) > 0, "no Rock Ridge name");
        Assert.True(disc.AsSpan().IndexOf(Encoding.BigEndianUnicode.GetBytes(name)) > 0, "no Joliet name");
    }

    [Fact]
    public void The_disk_has_three_partitions_and_the_files_in_the_last()
    {
        using var stream = File.OpenRead(images.PathOf(ImageFormat.Img));
        Assert.Equal(0, stream.Length % (1 << 20));
        var entries = new byte[3 * 128];
        stream.Position = 1024;
        stream.ReadExactly(entries);
        Guid[] types = [DiskPartition.BiosBoot, DiskPartition.EfiSystem, DiskPartition.BasicData];
        for (var i = 0; i < types.Length; i++)
            Assert.Equal(types[i], new Guid(entries.AsSpan(i * 128, 16)));
        var start = BinaryPrimitives.ReadInt64LittleEndian(entries.AsSpan(2 * 128 + 32)) * 512;
        Assert.Equal(images.Kernel, new Iso9660Volume(stream, start).ReadFile(GrubLoader.KernelPath));
    }

    [Fact]
    public void The_vhd_is_the_disk_and_a_footer_with_a_right_checksum()
    {
        var disk = File.ReadAllBytes(images.PathOf(ImageFormat.Img));
        var vhd = File.ReadAllBytes(images.PathOf(ImageFormat.Vhd));
        Assert.Equal(disk.Length + 512, vhd.Length);
        Assert.True(vhd.AsSpan(0, disk.Length).SequenceEqual(disk));
        var footer = vhd.AsSpan(disk.Length);
        Assert.Equal(disk.Length, BinaryPrimitives.ReadInt64BigEndian(footer[48..]));
        var stored = BinaryPrimitives.ReadUInt32BigEndian(footer[64..]);
        footer.Slice(64, 4).Clear();
        uint sum = 0;
        foreach (var value in footer)
            sum += value;
        Assert.Equal(~sum, stored);
    }

    [Fact]
    public async Task The_vhdx_holds_the_same_disk()
    {
        var raw = images.File("from-vhdx.img");
        await ToolProcess.RunAsync(
            "qemu-img", ["convert", "-f", "vhdx", "-O", "raw", images.PathOf(ImageFormat.Vhdx), raw], cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(File.ReadAllBytes(raw).AsSpan().SequenceEqual(File.ReadAllBytes(images.PathOf(ImageFormat.Img))));
    }

    [Fact]
    public async Task Options_for_an_elf_are_refused_and_those_of_an_image_are_in_its_configuration()
    {
        var builder = new ImageBuilder(images.Repository);
        await Assert.ThrowsAsync<ToolException>(
            () => builder.WriteAsync(images.Kernel, ImageFormat.Elf, "a=b", images.File("x.elf"), TestContext.Current.CancellationToken));
        var path = images.File("options.iso");
        await builder.WriteAsync(images.Kernel, ImageFormat.Iso, "a=b it's", path, TestContext.Current.CancellationToken);
        using var stream = File.OpenRead(path);
        var configuration = Encoding.ASCII.GetString(new Iso9660Volume(stream, 0).ReadFile("/boot/grub/grub.cfg"));
        Assert.Contains($"if multiboot2 {GrubLoader.KernelPath} 'a=b' 'it'\\''s' $options; then", configuration, StringComparison.Ordinal);
        Assert.Throws<ToolException>(() => GrubLoader.Configuration("a\nreboot"));
    }
}
