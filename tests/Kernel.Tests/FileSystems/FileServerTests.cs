using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Kernel.FileSystems.Serving;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.FileSystems;

public sealed class FileServerTests : IAsyncLifetime
{
    private readonly FakeFileRequests _requests = new();
    private readonly RecordingLog _log = new();
    private readonly MountTable _mounts = new();
    private readonly MemoryBlockDevice _device;
    private readonly FileServer _server;

    public FileServerTests()
    {
        var image = new IsoImages { RootSystemUse = IsoImages.Announce() };
        image
            .File("A;1", 30, 5000, 0, IsoImages.Name("text file"))
            .File("B;1", 0, 0, 0, [.. IsoImages.Name("link"), .. IsoImages.Entry("SL", [0, 0, 9, .. "text file"u8])])
            .Add(IsoImages.Record("D"u8.ToArray(), 40, 2048, 2, IsoImages.Name("folder")));
        for (int i = 0; i < 5000; i++)
            image.At(30)[i] = (byte)(i * 3);
        IsoImages.Record([0], 40, 2048, 2).CopyTo(image.At(40));
        _device = new MemoryBlockDevice(image.Build(), 2048);
        _server = new FileServer(_requests, _mounts, _log);
    }

    public async ValueTask InitializeAsync()
    {
        _mounts.Mount("boot", (await Iso9660FileSystem.OpenAsync(_device, _log)).Value);
        _server.Start();
    }

    public ValueTask DisposeAsync()
    {
        _requests.Complete();
        return default;
    }

    [Fact]
    public async Task A_file_is_opened_read_and_closed()
    {
        long handle = await CallAsync(FileOperation.Open, "/boot/text file");
        Assert.True(handle > 0);
        var buffer = new byte[4096];
        Assert.Equal(4096, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, offset: 100, buffer: buffer)).Result);
        Assert.Equal([.. Enumerable.Range(100, 4096).Select(i => (byte)(i * 3))], buffer);
        Assert.Equal(4, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, offset: 4996, buffer: buffer)).Result);
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, offset: 5000, buffer: buffer)).Result);
        var status = new byte[144];
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.StatusOfHandle, handle: (ulong)handle, buffer: status)).Result);
        Assert.Equal(5000, MemoryMarshal.Read<LinuxStat>(status).Size);
        Assert.Equal(1, _server.HandleCount);
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.Close, handle: (ulong)handle)).Result);
        Assert.Equal(0, _server.HandleCount);
        Assert.Equal(-Errno.BadHandle, (await _requests.CallAsync(FileOperation.Close, handle: (ulong)handle)).Result);
        Assert.Equal(-Errno.BadHandle, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, buffer: buffer)).Result);
        Assert.Equal(-Errno.BadHandle, (await _requests.CallAsync(FileOperation.StatusOfHandle, handle: (ulong)handle, buffer: status)).Result);
    }

    [Theory]
    [InlineData("/boot/nothing", 0u, -Errno.NoEntry)]
    [InlineData("/etc/passwd", 0u, -Errno.NoEntry)]
    [InlineData("/boot/text file/x", 0u, -Errno.NotDirectory)]
    [InlineData("/boot/text file", 0x10000u, -Errno.NotDirectory)] // O_DIRECTORY
    [InlineData("/boot/link", 0x20000u, -Errno.LinkLoop)] // O_NOFOLLOW
    [InlineData("/boot/text file", 1u, -Errno.ReadOnlyFileSystem)] // O_WRONLY
    [InlineData("/boot/text file", 2u, -Errno.ReadOnlyFileSystem)] // O_RDWR
    [InlineData("/boot/text file", 0x200u, -Errno.ReadOnlyFileSystem)] // O_TRUNC
    [InlineData("/boot/new", 0x41u, -Errno.ReadOnlyFileSystem)] // O_CREAT | O_WRONLY
    [InlineData("/new", 0x41u, -Errno.ReadOnlyFileSystem)]
    [InlineData("/nowhere/new", 0x41u, -Errno.NoEntry)]
    [InlineData("/boot/folder", 1u, -Errno.IsDirectory)]
    public async Task Opening_what_cannot_be_opened(string path, uint flags, int error) =>
        Assert.Equal(error, (await _requests.CallAsync(FileOperation.Open, path, flags)).Result);

    [Fact]
    public async Task Changes_are_refused()
    {
        Assert.Equal(-Errno.ReadOnlyFileSystem, await CallAsync(FileOperation.Modify, "/boot/text file"));
        Assert.Equal(-Errno.ReadOnlyFileSystem, await CallAsync(FileOperation.Modify, "/boot/new folder/"));
        Assert.Equal(-Errno.NoEntry, await CallAsync(FileOperation.Modify, "/boot/nothing/new"));
        Assert.Equal(-Errno.ReadOnlyFileSystem, (await _requests.CallAsync(FileOperation.Access, "/boot/text file", 2)).Result);
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.Access, "/boot/text file", 4)).Result);
        Assert.Equal(-Errno.NoEntry, await CallAsync(FileOperation.Access, "/boot/nothing"));
    }

    [Fact]
    public async Task A_directory_is_listed_in_pieces_of_any_size()
    {
        long handle = await CallAsync(FileOperation.Open, "/boot");
        foreach (int size in new[] { 32, 64, 4096 })
        {
            var names = new List<string>();
            ulong position = 0;
            while (true)
            {
                var buffer = new byte[size];
                (long count, ulong next) = await _requests.CallAsync(FileOperation.ReadDirectory, handle: (ulong)handle, offset: position, buffer: buffer);
                if (count == 0)
                    break;
                names.AddRange(Names(buffer.AsSpan(0, (int)count)));
                Assert.True(next > position);
                position = next;
            }

            Assert.Equal(["4 .", "4 ..", "8 text file", "10 link", "4 folder"], names);
        }

        Assert.Equal(-Errno.Invalid, (await _requests.CallAsync(FileOperation.ReadDirectory, handle: (ulong)handle, buffer: new byte[8])).Result);
        long file = await CallAsync(FileOperation.Open, "/boot/text file");
        Assert.Equal(-Errno.NotDirectory, (await _requests.CallAsync(FileOperation.ReadDirectory, handle: (ulong)file, buffer: new byte[64])).Result);
        Assert.Equal(-Errno.IsDirectory, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, buffer: new byte[64])).Result);
    }

    [Fact]
    public async Task The_root_shows_the_mount_points()
    {
        long handle = await CallAsync(FileOperation.Open, "/");
        var buffer = new byte[4096];
        (long count, _) = await _requests.CallAsync(FileOperation.ReadDirectory, handle: (ulong)handle, buffer: buffer);
        Assert.Equal(["4 .", "4 ..", "4 boot"], Names(buffer.AsSpan(0, (int)count)));
    }

    [Fact]
    public async Task Links_are_read_and_told_from_their_targets()
    {
        var status = new byte[144];
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.StatusOfPath, "/boot/link", buffer: status)).Result);
        Assert.Equal(0x8000u, MemoryMarshal.Read<LinuxStat>(status).Mode & 0xF000);
        Assert.Equal(0, (await _requests.CallAsync(FileOperation.StatusOfPath, "/boot/link", 0x100, buffer: status)).Result);
        Assert.Equal(0xA000u, MemoryMarshal.Read<LinuxStat>(status).Mode & 0xF000);
        var target = new byte[64];
        (long count, _) = await _requests.CallAsync(FileOperation.ReadLink, "/boot/link", buffer: target);
        Assert.Equal("text file", Encoding.UTF8.GetString(target, 0, (int)count));
        Assert.Equal(-Errno.Invalid, (await _requests.CallAsync(FileOperation.ReadLink, "/boot/text file", buffer: target)).Result);
        Assert.Equal(-Errno.Invalid, (await _requests.CallAsync(FileOperation.StatusOfPath, "/boot/link", buffer: new byte[8])).Result);
    }

    [Fact]
    public async Task A_failing_disk_is_an_error_with_a_line_in_the_log()
    {
        _device.BadBlocks.Add(30);
        long handle = await CallAsync(FileOperation.Open, "/boot/text file");
        Assert.Equal(-Errno.IoError, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, buffer: new byte[10])).Result);
        Assert.True(_log.Has(LogLevel.Error, "at block 30"));
    }

    [Fact]
    public async Task A_driver_that_throws_still_gets_the_caller_an_answer()
    {
        _device.BeforeRead = () => throw new InvalidOperationException("driver bug");
        long handle = await CallAsync(FileOperation.Open, "/boot/text file");
        var buffer = new byte[4096 * 8];
        Assert.Equal(-Errno.IoError, (await _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, buffer: buffer)).Result);
        Assert.True(_log.Has(LogLevel.Error, "driver bug"));
    }

    [Fact]
    public async Task A_slow_reader_does_not_hold_up_others()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long handle = await CallAsync(FileOperation.Open, "/boot/text file");
        _device.BeforeRead = () => gate.Task;
        Task<(long Result, ulong Position)> slow = _requests.CallAsync(FileOperation.Read, handle: (ulong)handle, buffer: new byte[10]);
        Assert.Equal(0, await CallAsync(FileOperation.Access, "/boot"));
        Assert.False(slow.IsCompleted);
        gate.SetResult();
        Assert.Equal(10, (await slow).Result);
    }

    [Fact]
    public async Task Unknown_operations_and_too_many_handles_are_refused()
    {
        Assert.Equal(-Errno.NotImplemented, await CallAsync((FileOperation)99));
        for (int i = 0; i < 4096; i++)
            Assert.True(await CallAsync(FileOperation.Open, "/boot") > 0);
        Assert.Equal(-Errno.TooManyOpen, await CallAsync(FileOperation.Open, "/boot"));
    }

    private static List<string> Names(ReadOnlySpan<byte> records)
    {
        var names = new List<string>();
        while (!records.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            Assert.Equal(0, length % 8);
            Assert.NotEqual(0ul, BinaryPrimitives.ReadUInt64LittleEndian(records));
            names.Add($"{records[18]} {Encoding.UTF8.GetString(records[19..length]).TrimEnd('\0')}");
            records = records[length..];
        }

        return names;
    }

    private async Task<long> CallAsync(FileOperation operation, string path = "") => (await _requests.CallAsync(operation, path)).Result;
}
