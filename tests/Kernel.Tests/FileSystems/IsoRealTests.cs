using System.Globalization;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Kernel.Tests.Fakes;

namespace GuestOS.Kernel.Tests.FileSystems;

/// <summary>Volumes that xorriso made, read back name by name and byte by byte.</summary>
public sealed class IsoRealTests : IDisposable
{
    private readonly XorrisoImage _image = new();
    private readonly RecordingLog _log = new();

    public IsoRealTests()
    {
        XorrisoImage.SkipWithoutTool();
        var random = new Random(3);
        foreach (int size in new[] { 0, 1, 2047, 2048, 2049, 100_000, 1 << 20 })
        {
            var content = new byte[size];
            random.NextBytes(content);
            _image.AddFile(string.Create(CultureInfo.InvariantCulture, $"sizes/file of {size} bytes.bin"), content);
        }

        _image.AddFile("größe/文件.txt", "unicode"u8.ToArray());
        _image.AddFile("a/b/c/d/e/f/g/h/i/j/deep.txt", "deep"u8.ToArray());
        _image.AddFile(new string('n', 180) + ".txt", "long"u8.ToArray());
        for (int i = 0; i < 300; i++)
            _image.AddFile(string.Create(CultureInfo.InvariantCulture, $"many/entry number {i:d4}"), [(byte)i]);
        File.CreateSymbolicLink(Path.Combine(_image.Tree, "link"), "a/b/../b/c");
        File.CreateSymbolicLink(Path.Combine(_image.Tree, "loop"), "loop");
    }

    public void Dispose() => _image.Dispose();

    [Theory]
    [InlineData(512)]
    [InlineData(2048)]
    public async Task Rock_ridge_gives_the_whole_tree(int blockSize)
    {
        Iso9660FileSystem volume = await OpenAsync(await _image.MakeAsync("-r", "-J", "-iso-level", "3"), blockSize);
        Assert.Equal("ISO 9660 (Rock Ridge)", volume.Format);
        Assert.Equal("TESTVOLUME", volume.Label);
        int files = await CompareAsync(volume, volume.Root, _image.Tree);
        Assert.Equal(7 + 1 + 1 + 1 + 300, files);
        FileNode link = (await volume.FindAsync(volume.Root, "link")).Value;
        Assert.Equal((FileNodeKind.Link, "a/b/../b/c"), (link.Kind, link.LinkTarget));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Joliet_gives_the_whole_tree()
    {
        Iso9660FileSystem volume = await OpenAsync(await _image.MakeAsync("--norock", "-J", "-joliet-long", "-iso-level", "3"), 2048);
        Assert.Equal("ISO 9660 (Joliet)", volume.Format);
        FileNode directory = (await volume.FindAsync(volume.Root, "größe")).Value;
        FileNode file = (await volume.FindAsync(directory, "文件.txt")).Value;
        var bytes = new byte[20];
        Assert.Equal("unicode"u8.ToArray(), bytes[..(await volume.ReadAsync(file, 0, bytes)).Value]);
        FileNode many = (await volume.FindAsync(volume.Root, "many")).Value;
        Assert.Equal(300, (await volume.ListAsync(many)).Value.Nodes.Count);
    }

    [Fact]
    public async Task Links_are_followed_through_the_mount_table()
    {
        var mounts = new MountTable();
        mounts.Mount("boot", await OpenAsync(await _image.MakeAsync("-r"), 2048));
        FileResult<FilePlace> deep = await mounts.FindAsync("/boot/link/d/e/f/g/h/i/j/deep.txt");
        Assert.True(deep.IsSuccess, deep.Error?.Message);
        Assert.Equal(4ul, deep.Value.Node.Size);
        Assert.Equal(FileErrorKind.LinkLoop, (await mounts.FindAsync("/boot/loop")).Error?.Kind);
        Assert.Equal(FileNodeKind.Link, (await mounts.FindAsync("/boot/loop", followLast: false)).Value.Node.Kind);
        Assert.Equal(FileErrorKind.NotDirectory, (await mounts.FindAsync("/boot/link/d/e/f/g/h/i/j/deep.txt/x")).Error?.Kind);
        Assert.True((await mounts.FindAsync("boot/../boot/./a/../../boot/link")).IsSuccess);
        Assert.Equal(FileErrorKind.NotFound, (await mounts.FindAsync("/boot/nothing")).Error?.Kind);
        Assert.Equal(FileErrorKind.NameTooLong, (await mounts.FindAsync("/boot/" + new string('x', 300))).Error?.Kind);
        Assert.Equal(FileErrorKind.NameTooLong, (await mounts.FindAsync(new string('/', 5000))).Error?.Kind);
    }

    [Fact]
    public async Task Damaged_images_give_errors_and_never_exceptions()
    {
        byte[] good = await _image.MakeAsync("-r", "-J");
        var random = new Random(11);
        for (int round = 0; round < 150; round++)
        {
            byte[] image = [.. good];

            // Descriptors, path tables and directories are at the start.
            for (int i = random.Next(1, 200); i > 0; i--)
                image[random.Next(16 * 2048, Math.Min(image.Length, 120 * 2048))] = (byte)random.Next(256);
            if (round % 5 == 0)
                image = image[..(random.Next(0, image.Length / 2048) * 2048)];
            FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(image, 2048), _log);
            if (volume.IsSuccess)
                await WalkAsync(volume.Value, volume.Value.Root, 12);
        }
    }

    private static async Task WalkAsync(Iso9660FileSystem volume, FileNode directory, int depth)
    {
        FileResult<FileListing> listing = await volume.ListAsync(directory);
        if (!listing.IsSuccess)
            return;
        var buffer = new byte[4096];
        foreach (FileNode node in listing.Value.Nodes)
        {
            Assert.DoesNotContain('/', node.Name);
            if (node.Kind == FileNodeKind.File)
                await volume.ReadAsync(node, node.Size / 2, buffer);
            else if (node.Kind == FileNodeKind.Directory && depth > 0)
                await WalkAsync(volume, node, depth - 1);
        }
    }

    private static async Task<int> CompareAsync(Iso9660FileSystem volume, FileNode directory, string path)
    {
        FileResult<FileListing> listing = await volume.ListAsync(directory);
        Assert.True(listing.IsSuccess, listing.Error?.Message);
        Assert.Equal(
            Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            listing.Value.Nodes.Select(node => node.Name).Order(StringComparer.Ordinal));
        int files = 0;
        foreach (FileNode node in listing.Value.Nodes)
        {
            string inner = Path.Combine(path, node.Name);
            if (node.Kind == FileNodeKind.Directory)
                files += await CompareAsync(volume, node, inner);
            else if (node.Kind == FileNodeKind.File)
                files += await CompareFileAsync(volume, node, inner);
        }

        return files;
    }

    private static async Task<int> CompareFileAsync(Iso9660FileSystem volume, FileNode node, string path)
    {
        byte[] expected = await File.ReadAllBytesAsync(path);
        var actual = new byte[expected.Length + 1];
        FileResult<int> read = await volume.ReadAsync(node, 0, actual);
        Assert.True(read.IsSuccess, read.Error?.Message);
        Assert.Equal(expected.Length, read.Value);
        Assert.True(expected.AsSpan().SequenceEqual(actual.AsSpan(0, read.Value)), path);
        Assert.Equal(File.GetLastWriteTimeUtc(path), node.Modified.UtcDateTime, TimeSpan.FromSeconds(1));
        return 1;
    }

    private async Task<Iso9660FileSystem> OpenAsync(byte[] image, int blockSize)
    {
        FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(image, blockSize), _log);
        Assert.True(volume.IsSuccess, volume.Error?.Message);
        return volume.Value;
    }
}
