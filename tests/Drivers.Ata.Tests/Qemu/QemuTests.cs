using GuestOS.Machine;
using GuestOS.Machine.Block;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>The driver against device models that we did not write.</summary>
public sealed class QemuTests
{
    private static string MakeFile(string folder, string name, int patternBytes, long length, int seed)
    {
        var path = Path.Combine(folder, name);
        using var file = File.Create(path);
        var data = new byte[patternBytes];
        new Random(seed).NextBytes(data);
        file.Write(data);
        file.SetLength(length);
        return path;
    }

    private static void SkipWithoutQemu() => Assert.SkipWhen(QemuMachine.Unavailable is not null, QemuMachine.Unavailable ?? "");

    [Theory]
    [InlineData(TransferMode.Dma)]
    [InlineData(TransferMode.Pio)]
    public async Task Disks_are_written_and_read(TransferMode mode)
    {
        SkipWithoutQemu();
        const long Large = 200L << 30;
        string small = "", large = "";
        using var machine = new QemuMachine(folder =>
        {
            small = MakeFile(folder, "small", 4 << 20, 16 << 20, 1);
            large = MakeFile(folder, "large", 4096, Large, 2);
            return
            [
                "-drive", $"file={small},format=raw,if=ide,index=0", "-drive", $"file={large},format=raw,if=ide,index=3,discard=unmap",
            ];
        });
        await machine.StartAsync();
        Assert.Equal(["ata0.0", "ata1.1"], machine.Published.Disks.Select(device => device.Name));
        var first = machine.Device<AtaDisk>("ata0.0");
        var second = machine.Device<AtaDisk>("ata1.1");
        Assert.Equal("QEMU HARDDISK", first.Model);
        Assert.Equal((ulong)Large / 512, second.Geometry.BlockCount);
        using var mapped = machine.Memory.Allocate(1 << 20, DmaConstraints.None);
        foreach (var disk in new[] { first, second })
        {
            Assert.Equal(TransferMode.Dma, disk.TransferMode);
            Assert.True((await disk.SetTransferModeAsync(mode)).IsSuccess);
            var path = disk == first ? small : large;
            var last = disk.Geometry.BlockCount;
            foreach (var (block, count) in new[] { (0UL, 1), (8UL, 8), (100UL, mode == TransferMode.Dma ? 300 : 20), (last - 5, 5) })
            {
                // Once in memory that the controller reaches, once in memory that it does not.
                foreach (var memory in new[] { mapped.Memory[..(count * 512)], new byte[count * 512] })
                {
                    Random.Shared.NextBytes(memory.Span);
                    var written = memory.ToArray();
                    Assert.True((await disk.WriteAsync(block, memory)).IsSuccess);
                    memory.Span.Clear();
                    Assert.True((await disk.ReadAsync(block, memory)).IsSuccess);
                    Assert.Equal(written, memory.ToArray());
                    Assert.True((await disk.FlushAsync()).IsSuccess);
                    Assert.Equal(written, ReadFile(path, (long)block * 512, written.Length));
                }
            }
        }

        foreach (var counters in new[] { machine.Channel(0).Counters, machine.Channel(1).Counters })
        {
            // On a busy host the thread of an interrupt may be so late that the poll comes first; that is the exception.
            Assert.True(counters.LostInterrupts * 10 < counters.Interrupts, $"{counters.LostInterrupts} found by the poll, {counters.Interrupts} by interrupts");
            Assert.Equal(0, counters.Retries);
            Assert.Equal(0, counters.Timeouts);
        }

        await machine.StopAsync();
    }

    [Fact]
    public async Task A_disc_is_read_ejected_and_changed()
    {
        SkipWithoutQemu();
        string disk = "", disc = "", other = "";
        using var machine = new QemuMachine(folder =>
        {
            disk = MakeFile(folder, "disk", 1 << 20, 1 << 20, 3);
            disc = MakeFile(folder, "disc", 2 << 20, 2 << 20, 4);
            other = MakeFile(folder, "other", 1 << 20, 1 << 20, 5);
            return
            [
                "-drive", $"file={disk},format=raw,if=ide,index=0", "-drive", $"file={disc},format=raw,if=ide,index=1,media=cdrom",
            ];
        });
        await machine.StartAsync();
        var drive = machine.Device<AtapiDrive>("ata0.1");
        Assert.Equal(1024UL, drive.Geometry.BlockCount);
        using var mapped = machine.Memory.Allocate(512 << 10, DmaConstraints.None);
        foreach (var mode in new[] { TransferMode.Dma, TransferMode.Pio })
        {
            Assert.True((await drive.SetTransferModeAsync(mode)).IsSuccess);
            var blocks = mode == TransferMode.Dma ? 150 : 33;
            var result = await drive.ReadAsync(17, mapped.Memory[..(blocks * 2048)]);
            Assert.True(result.IsSuccess, result.ToString());
            Assert.Equal(ReadFile(disc, 17 * 2048, blocks * 2048), mapped.Memory[..(blocks * 2048)].ToArray());
            mapped.Memory.Span.Clear();
        }

        Assert.True((await drive.SetLockAsync(true)).IsSuccess);
        Assert.True((await drive.EjectAsync()).IsSuccess);
        var (status, _) = await drive.PollMediumAsync();
        Assert.True(status!.Value.IsTrayOpen);
        Assert.Equal(BlockErrorKind.NoMedium, (await drive.ReadAsync(0, new byte[2048])).Error!.Kind);
        machine.Qmp($$$"""{"execute":"blockdev-change-medium","arguments":{"device":"ide0-cd1","filename":"{{{other}}}","format":"raw"}}""");
        Assert.True((await drive.RefreshMediumAsync()).IsSuccess);
        Assert.Equal(512UL, drive.Geometry.BlockCount);
        var start = new byte[2048];
        Assert.True((await drive.ReadAsync(3, start)).IsSuccess);
        Assert.Equal(ReadFile(other, 3 * 2048, 2048), start);

        // Changed behind the driver's back: the next read says so, whatever the drive reports first.
        machine.Qmp($$$"""{"execute":"blockdev-change-medium","arguments":{"device":"ide0-cd1","filename":"{{{disc}}}","format":"raw","force":true}}""");
        var changed = await drive.ReadAsync(3, start);
        Assert.True(changed.Error!.Kind is BlockErrorKind.MediumChanged or BlockErrorKind.NoMedium, changed.ToString());
        Assert.True((await drive.RefreshMediumAsync()).IsSuccess);
        Assert.Equal(1024UL, drive.Geometry.BlockCount);
        await machine.StopAsync();
    }

    [Fact]
    public async Task An_unreadable_sector_gives_a_clear_error_and_TRIM_is_taken()
    {
        SkipWithoutQemu();
        string image = "";
        using var machine = new QemuMachine(folder =>
        {
            image = MakeFile(folder, "bad", 1 << 20, 1 << 20, 6);
            var rules = Path.Combine(folder, "rules");
            File.WriteAllText(rules, "[inject-error]\nevent = \"read_aio\"\nerrno = \"5\"\nsector = \"1000\"\n");
            return ["-drive", $"file=blkdebug:{rules}:{image},format=raw,if=ide,index=0,discard=unmap,rerror=report,werror=report"];
        });
        await machine.StartAsync();
        var disk = machine.Device<AtaDisk>("ata0.0");
        var buffer = new byte[8 * 512];
        var bad = await disk.ReadAsync(996, buffer);
        Assert.NotNull(bad.Error);
        Assert.Contains("error 04 ABRT", bad.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(TransferMode.Dma, disk.TransferMode);
        Assert.True((await disk.ReadAsync(1001, buffer)).IsSuccess);
        Assert.Equal(ReadFile(image, 1001 * 512, buffer.Length), buffer);
        Assert.True(disk.Geometry.CanDiscard);
        Assert.True((await disk.DiscardAsync(0, 256)).IsSuccess);
        Assert.True((await disk.QuiesceAsync()).IsSuccess);
        await disk.ResumeAsync();
        await machine.StopAsync();
    }

    private static byte[] ReadFile(string path, long offset, int count)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = offset;
        var data = new byte[count];
        file.ReadExactly(data);
        return data;
    }
}
