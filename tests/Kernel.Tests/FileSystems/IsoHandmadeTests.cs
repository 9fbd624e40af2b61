using System.Text;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.FileSystems;

public sealed class IsoHandmadeTests
{
    private readonly RecordingLog _log = new();
    private readonly IsoImages _image = new();

    [Fact]
    public async Task Plain_names_lose_their_version_and_empty_extension()
    {
        _image.File("README.TXT;1", 30, 5).File("NODOT.;1", 31, 0).Add(IsoImages.Record(Encoding.ASCII.GetBytes("SUB"), 32, 2048, 2));
        "hello"u8.CopyTo(_image.At(30));
        Iso9660FileSystem volume = await OpenAsync();
        Assert.Equal("ISO 9660 (plain names)", volume.Format);
        Assert.Equal("HANDMADE", volume.Label);
        FileListing root = await ListAsync(volume);
        Assert.Equal(["README.TXT", "NODOT", "SUB"], root.Nodes.Select(node => node.Name));
        Assert.Equal(FileNodeKind.Directory, root.Nodes[2].Kind);
        Assert.Equal(new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), root.Nodes[0].Modified);
        Assert.Equal("hello", await ReadAsync(volume, root.Nodes[0]));
    }

    [Fact]
    public async Task A_file_in_several_extents_is_one_file()
    {
        _image.File("BIG;1", 30, 2048, 0x80).File("BIG;1", 35, 2048, 0x80).File("BIG;1", 40, 10);
        _image.At(30)[..2048].Fill((byte)'a');
        _image.At(35)[..2048].Fill((byte)'b');
        _image.At(40)[..10].Fill((byte)'c');
        Iso9660FileSystem volume = await OpenAsync();
        FileNode file = Assert.Single((await ListAsync(volume)).Nodes);
        Assert.Equal(4106ul, file.Size);
        Assert.Equal(new string('a', 2048) + new string('b', 2048) + new string('c', 10), await ReadAsync(volume, file));
        var part = new byte[20];
        Assert.Equal(20, (await volume.ReadAsync(file, 4086, part)).Value);
        Assert.Equal(new string('b', 10) + new string('c', 10), Encoding.ASCII.GetString(part));
        Assert.Equal(0, (await volume.ReadAsync(file, 4106, part)).Value);
        Assert.Equal(0, (await volume.ReadAsync(file, ulong.MaxValue, part)).Value);
    }

    [Fact]
    public async Task Rock_ridge_names_modes_links_and_times()
    {
        _image.RootSystemUse = IsoImages.Announce();
        byte[] mode = [.. IsoImages.Both32(0x81ED), .. IsoImages.Both32(1), .. IsoImages.Both32(0), .. IsoImages.Both32(0)];
        byte[] linkMode = [.. IsoImages.Both32(0xA1FF), .. IsoImages.Both32(1), .. IsoImages.Both32(0), .. IsoImages.Both32(0)];
        _image
            .File("A.;1", 30, 5, 0, [.. IsoImages.Name("a long "), .. IsoImages.Entry("PX", mode)])
            .File("B.;1", 0, 0, 0, [.. IsoImages.Name("link"), .. IsoImages.Entry("PX", linkMode), .. IsoImages.Entry("SL", [0, 8, 0, 0, 3, .. "usr"u8, 4, 0, 1, 2, .. "ab"u8, 0, 1, .. "c"u8])])
            .File("C.;1", 30, 5, 0, [.. IsoImages.Name("first half ", 1), .. IsoImages.Name("second half"), .. IsoImages.Entry("TF", [2, 126, 12, 31, 23, 59, 58, 0])]);
        FileListing root = await ListAsync(await OpenAsync());
        Assert.Equal(["a long ", "link", "first half second half"], root.Nodes.Select(node => node.Name));
        Assert.Equal(0x1EDu, root.Nodes[0].Permissions);
        Assert.Equal((FileNodeKind.Link, "/usr/../abc"), (root.Nodes[1].Kind, root.Nodes[1].LinkTarget));
        Assert.Equal(new DateTimeOffset(2026, 12, 31, 23, 59, 58, TimeSpan.Zero), root.Nodes[2].Modified);
    }

    [Fact]
    public async Task A_name_in_a_continuation_area_is_found()
    {
        _image.RootSystemUse = IsoImages.Announce();
        byte[] name = IsoImages.Name("continued elsewhere");
        name.CopyTo(_image.At(40)[100..]);
        _image.File("A.;1", 30, 5, 0, Continuation(40, 100, (uint)name.Length));
        Assert.Equal("continued elsewhere", Assert.Single((await ListAsync(await OpenAsync())).Nodes).Name);
    }

    [Fact]
    public async Task Continuation_areas_in_circles_end_with_an_error()
    {
        _image.RootSystemUse = IsoImages.Announce();
        Continuation(40, 0, 28).CopyTo(_image.At(40));
        _image.File("A.;1", 30, 5, 0, Continuation(40, 0, 28));
        await AssertCorruptAsync("too many continuation areas");
    }

    [Theory]
    [InlineData(40u, 2000u, 100u)]
    [InlineData(40u, uint.MaxValue, 1u)]
    [InlineData(40u, 0u, uint.MaxValue)]
    public async Task A_continuation_area_cannot_leave_its_block(uint block, uint offset, uint length)
    {
        _image.RootSystemUse = IsoImages.Announce();
        _image.File("A.;1", 30, 5, 0, Continuation(block, offset, length));
        await AssertCorruptAsync("leaves its block");
    }

    [Fact]
    public async Task A_moved_directory_shows_where_its_link_is()
    {
        _image.RootSystemUse = IsoImages.Announce();
        IsoImages.Record([0], 45, 2048, 2).CopyTo(_image.At(45));
        IsoImages.Record(Encoding.ASCII.GetBytes("DEEP;1"), 30, 4).CopyTo(_image.At(45)[34..]);
        "deep"u8.CopyTo(_image.At(30));
        _image
            .File("MOVED;1", 0, 0, 0, [.. IsoImages.Name("moved"), .. IsoImages.Entry("CL", IsoImages.Both32(45))])
            .Add(IsoImages.Record(Encoding.ASCII.GetBytes("RR"), 45, 2048, 2, [.. IsoImages.Name("hidden"), .. IsoImages.Entry("RE")]));
        Iso9660FileSystem volume = await OpenAsync();
        FileNode moved = Assert.Single((await ListAsync(volume)).Nodes);
        Assert.Equal(("moved", FileNodeKind.Directory), (moved.Name, moved.Kind));
        FileResult<FileNode> deep = await volume.FindAsync(moved, "DEEP");
        Assert.Equal("deep", await ReadAsync(volume, deep.Value));
        Assert.DoesNotContain(_log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\0b")]
    public async Task Impossible_names_are_left_out_and_counted(string name)
    {
        _image.RootSystemUse = IsoImages.Announce();
        _image.File("A.;1", 30, 5, 0, IsoImages.Name(name)).File("B.;1", 30, 5, 0, IsoImages.Name("good"));
        Assert.Equal("good", Assert.Single((await ListAsync(await OpenAsync())).Nodes).Name);
        Assert.True(_log.Has(LogLevel.Warning, "1 names"));
    }

    [Fact]
    public async Task Byte_orders_that_disagree_are_damage()
    {
        byte[] record = IsoImages.Record(Encoding.ASCII.GetBytes("A;1"), 30, 5);
        record[9] ^= 1;
        _image.Add(record);
        await AssertCorruptAsync("damaged");
    }

    [Fact]
    public async Task A_record_longer_than_its_sector_is_damage()
    {
        byte[] record = IsoImages.Record(Encoding.ASCII.GetBytes("A;1"), 30, 5);
        record[32] = 200;
        _image.Add(record);
        await AssertCorruptAsync("damaged");
    }

    [Fact]
    public async Task A_file_that_is_not_continued_is_damage()
    {
        _image.File("A;1", 30, 2048, 0x80);
        await AssertCorruptAsync("not continued");
    }

    [Fact]
    public async Task A_directory_that_claims_gigabytes_is_refused()
    {
        _image.RootLength = uint.MaxValue;
        await AssertCorruptAsync("claims 4294967295 bytes");
    }

    [Fact]
    public async Task A_file_beyond_the_medium_is_a_clear_error_and_others_can_be_read()
    {
        _image.File("GONE;1", 1000, 5).File("HERE;1", 30, 5);
        "hello"u8.CopyTo(_image.At(30));
        Iso9660FileSystem volume = await OpenAsync();
        FileListing root = await ListAsync(volume);
        FileResult<int> gone = await volume.ReadAsync(root.Nodes[0], 0, new byte[5]);
        Assert.Equal(FileErrorKind.Corrupt, gone.Error!.Kind);
        Assert.Contains("truncated", gone.Error.Message, StringComparison.Ordinal);
        Assert.Equal("hello", await ReadAsync(volume, root.Nodes[1]));
    }

    [Fact]
    public async Task A_truncated_volume_mounts_with_a_warning()
    {
        _image.File("HERE;1", 30, 5);
        FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(_image.Build()[..(40 * 2048)], 2048), _log);
        Assert.True(volume.IsSuccess);
        Assert.True(_log.Has(LogLevel.Warning, "truncated"));
    }

    [Fact]
    public async Task An_unreadable_sector_is_the_devices_error()
    {
        _image.File("BAD;1", 30, 5);
        var device = new MemoryBlockDevice(_image.Build(), 2048);
        device.BadBlocks.Add(30);
        FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(device, _log);
        FileResult<int> read = await volume.Value.ReadAsync((await ListAsync(volume.Value)).Nodes[0], 0, new byte[5]);
        Assert.Equal(FileErrorKind.Device, read.Error!.Kind);
        Assert.Contains("at block 30", read.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_without_a_volume_and_one_with_a_damaged_descriptor_are_told_apart()
    {
        Assert.Equal(FileErrorKind.NotFound, (await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(new byte[1 << 20]), _log)).Error!.Kind);
        Assert.Equal(FileErrorKind.NotFound, (await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(new byte[512]), _log)).Error!.Kind);
        byte[] image = _image.Build();
        image[(16 * 2048) + 84] ^= 1;
        FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(image), _log);
        Assert.Equal(FileErrorKind.Corrupt, volume.Error!.Kind);
        Assert.Contains("volume size", volume.Error.Message, StringComparison.Ordinal);
    }

    private static byte[] Continuation(uint block, uint offset, uint length) =>
        IsoImages.Entry("CE", [.. IsoImages.Both32(block), .. IsoImages.Both32(offset), .. IsoImages.Both32(length)]);

    private static async Task<FileListing> ListAsync(Iso9660FileSystem volume)
    {
        FileResult<FileListing> listing = await volume.ListAsync(volume.Root);
        Assert.True(listing.IsSuccess, listing.Error?.Message);
        return listing.Value;
    }

    private static async Task<string> ReadAsync(Iso9660FileSystem volume, FileNode file)
    {
        var bytes = new byte[file.Size + 10];
        FileResult<int> read = await volume.ReadAsync(file, 0, bytes);
        Assert.True(read.IsSuccess, read.Error?.Message);
        Assert.Equal(file.Size, (ulong)read.Value);
        return Encoding.ASCII.GetString(bytes, 0, read.Value);
    }

    private async Task<Iso9660FileSystem> OpenAsync()
    {
        FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(_image.Build(), 2048), _log);
        Assert.True(volume.IsSuccess, volume.Error?.Message);
        return volume.Value;
    }

    private async Task AssertCorruptAsync(string part)
    {
        Iso9660FileSystem volume = await OpenAsync();
        FileResult<FileListing> listing = await volume.ListAsync(volume.Root);
        Assert.Equal(FileErrorKind.Corrupt, listing.Error?.Kind);
        Assert.Contains(part, listing.Error!.Message, StringComparison.Ordinal);
    }
}
