using System.Buffers.Binary;
using System.Text;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage.Images;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Sandbox.Tests.Storage;

/// <summary>Logical units by hand-made commands: SPC-4, SBC-3, MMC-6, and what hosts answer for what is not there.</summary>
public sealed class ScsiTests
{
    private readonly BlockImage _image = new(1 << 20);
    private readonly ScsiDisk _disk;

    public ScsiTests()
    {
        _image.Fill(new Random(1), _image.Length);
        _disk = new ScsiDisk(_image) { Identity = new ScsiIdentity { Serial = "S-1" } };
    }

    private static ScsiCommand Do(ScsiUnit unit, byte[] cdb, byte[]? data = null)
    {
        var command = new ScsiCommand(cdb, new ArrayData(data ?? []));
        unit.Execute(command);
        return command;
    }

    private byte[] Content(int block, int count)
    {
        var bytes = new byte[count * 512];
        _image.Read(block * 512, bytes);
        return bytes;
    }

    [Fact]
    public void Inquiry_tells_type_vendor_and_product()
    {
        var data = new byte[36];
        var command = Do(_disk, [0x12, 0, 0, 0, 36, 0], data);
        Assert.Equal((SrbStatus.Success, 36), (command.SrbStatus, command.Transferred));
        Assert.Equal((byte)0, data[0]);
        Assert.Equal("Msft    Virtual Disk    1.0 ", Encoding.ASCII.GetString(data, 8, 28));

        // Cut to the allocation length.
        Assert.Equal(5, Do(_disk, [0x12, 0, 0, 0, 5, 0], new byte[36]).Transferred);
        Assert.Equal(SenseData.InvalidField, Do(_disk, [0x12, 0, 1, 0, 36, 0], data).Sense);
    }

    [Fact]
    public void Vital_pages_are_listed_and_there()
    {
        var data = new byte[252];
        Assert.Equal(10, Do(_disk, [0x12, 1, 0, 0, 252, 0], data).Transferred);
        Assert.Equal([0x00, 0x80, 0x83, 0xB0, 0xB1, 0xB2], data[4..10]);
        Assert.Equal(7, Do(_disk, [0x12, 1, 0x80, 0, 252, 0], data).Transferred);
        Assert.Equal("S-1", Encoding.ASCII.GetString(data, 4, 3));
        Assert.Equal(16, Do(_disk, [0x12, 1, 0x83, 0, 252, 0], data).Transferred);
        Assert.Equal(64, Do(_disk, [0x12, 1, 0xB0, 0, 252, 0], data).Transferred);
        Assert.Equal(0x40_0000u, BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(20)));
        var wrong = Do(_disk, [0x12, 1, 0xCE, 0, 252, 0], data);
        Assert.Equal((SrbStatus.InvalidRequest, ScsiStatus.CheckCondition, SenseData.InvalidField), (wrong.SrbStatus, wrong.Status, wrong.Sense));
    }

    [Fact]
    public void Reads_and_writes_of_all_lengths_of_command_reach_the_same_blocks()
    {
        var reads = new (byte[] Read, byte[] Write)[]
        {
            ([0x08, 0, 0, 100, 2, 0], [0x0A, 0, 0, 100, 2, 0]),
            ([0x28, 0, 0, 0, 0, 100, 0, 0, 2, 0], [0x2A, 0, 0, 0, 0, 100, 0, 0, 2, 0]),
            ([0xA8, 0, 0, 0, 0, 100, 0, 0, 0, 2, 0, 0], [0xAA, 0, 0, 0, 0, 100, 0, 0, 0, 2, 0, 0]),
            ([0x88, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 2, 0, 0], [0x8A, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 2, 0, 0]),
        };
        foreach (var (read, write) in reads)
        {
            var data = new byte[1024];
            Random.Shared.NextBytes(data);
            Assert.Equal(1024, Do(_disk, write, data).Transferred);
            Assert.Equal(data, Content(100, 2));
            var back = new byte[1024];
            Assert.Equal(1024, Do(_disk, read, back).Transferred);
            Assert.Equal(data, back);
        }

        Assert.Equal(4, _disk.UnflushedWrites);
        Do(_disk, [0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(0, _disk.UnflushedWrites);

        // READ(6) with a count of 0 reads 256 blocks; more memory than data leaves a residual.
        Assert.Equal(256 * 512, Do(_disk, [0x08, 0, 0, 0, 0, 0], new byte[200_000]).Transferred);
        var overrun = Do(_disk, [0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0], new byte[512]);
        Assert.Equal((SrbStatus.DataOverrun, 0), (overrun.SrbStatus, overrun.Transferred));
    }

    [Fact]
    public void Errors_have_their_sense()
    {
        Assert.Equal(SenseData.OutOfRange, Do(_disk, [0x28, 0, 0, 0, 8, 0, 0, 0, 1, 0], new byte[512]).Sense);
        Assert.Equal(SenseData.OutOfRange, Do(_disk, [0x88, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 2, 0, 0], new byte[1024]).Sense);
        _disk.BadBlocks.Add(7);
        Assert.Equal(SenseData.Unreadable, Do(_disk, [0x28, 0, 0, 0, 0, 6, 0, 0, 2, 0], new byte[1024]).Sense);
        var unknown = Do(_disk, [0xEE, 0, 0, 0, 0, 0]);
        Assert.Equal((SrbStatus.InvalidRequest, SenseData.InvalidCommand), (unknown.SrbStatus, unknown.Sense));
        var readOnly = new ScsiDisk(_image, new ScsiDiskOptions { IsReadOnly = true }) { Identity = new ScsiIdentity() };
        var write = Do(readOnly, [0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0], new byte[512]);
        Assert.Equal((SrbStatus.Error, SenseData.WriteProtected), (write.SrbStatus, write.Sense));
        Span<byte> sense = stackalloc byte[20];
        SenseData.WriteProtected.Write(sense);
        Assert.Equal((0x70, 7, 10, 0x27), (sense[0], sense[2], sense[7], sense[12]));
    }

    [Fact]
    public void Capacity_modes_and_attention()
    {
        var data = new byte[64];
        Do(_disk, [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], data);
        Assert.Equal((2047u, 512u), (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(4))));
        Assert.Equal(32, Do(_disk, [0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], data).Transferred);
        Assert.Equal((3, 0xC0), (data[13], data[14]));
        Assert.Equal(24, Do(_disk, [0x1A, 8, 8, 0, 64, 0], data).Transferred);
        Assert.Equal((8, 4), (data[4], data[6]));
        Assert.Equal(28, Do(_disk, [0x5A, 8, 8, 0, 0, 0, 0, 0, 64, 0], data).Transferred);
        Assert.Equal(SenseData.InvalidField, Do(_disk, [0x1A, 8, 0x1C, 0, 64, 0], data).Sense);

        _disk.Resize(new BlockImage(2 << 20));
        Assert.Equal(SenseData.CapacityChanged, Do(_disk, [0x00, 0, 0, 0, 0, 0]).Sense);
        Assert.Null(Do(_disk, [0x00, 0, 0, 0, 0, 0]).Sense);
        _disk.RaiseAttention(SenseData.WasReset);
        Do(_disk, [0x03, 0, 0, 0, 18, 0], data);
        Assert.Equal((0x06, 0x29), (data[2], data[12]));
    }

    [Fact]
    public void Unmap_and_write_same_clear_and_repeat()
    {
        var list = new byte[40];
        BinaryPrimitives.WriteUInt16BigEndian(list, 38);
        BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(2), 32);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), 10);
        BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(24), 20);
        BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(32), 1);
        Assert.Null(Do(_disk, [0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0], list).Sense);
        Assert.DoesNotContain(Content(10, 2).Concat(Content(20, 1)), value => value != 0);
        Assert.Contains(Content(12, 1), value => value != 0);

        // One range that is out of bounds spoils all before any is carried out.
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), 30);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(24), 2048);
        Assert.Equal(SenseData.OutOfRange, Do(_disk, [0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0], list).Sense);
        Assert.Contains(Content(30, 1), value => value != 0);

        var pattern = Enumerable.Repeat((byte)0xA5, 512).ToArray();
        Assert.Null(Do(_disk, [0x41, 0, 0, 0, 0, 50, 0, 0, 3, 0], pattern).Sense);
        Assert.All(Content(50, 3), value => Assert.Equal(0xA5, value));
        Assert.Null(Do(_disk, [0x93, 8, 0, 0, 0, 0, 0, 0, 0, 51, 0, 0, 0, 1, 0, 0], new byte[512]).Sense);
        Assert.All(Content(51, 1), value => Assert.Equal(0, value));
        Assert.Null(Do(_disk, [0x8F, 0, 0, 0, 0, 0, 0, 0, 0, 51, 0, 0, 0, 1, 0, 0]).Sense);
        Assert.Equal(SenseData.InvalidField, Do(_disk, [0x2F, 2, 0, 0, 0, 51, 0, 0, 1, 0]).Sense);
    }

    [Fact]
    public void Units_that_are_not_there_are_answered_as_hosts_do()
    {
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, 0, 0), _disk);
        bus.Add(new ScsiAddress(0, 0, 5), new ScsiOptical { Identity = new ScsiIdentity() });
        var luns = new byte[100];
        var report = new ScsiCommand([0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0], new ArrayData(luns));
        bus.Execute(new ScsiAddress(0, 0, 9), report);
        Assert.Equal(24, report.Transferred);
        Assert.Equal((16u, 0, 5), (BinaryPrimitives.ReadUInt32BigEndian(luns), luns[9], luns[17]));

        var inquiry = new ScsiCommand([0x12, 0, 0, 0, 36, 0], new ArrayData(luns));
        bus.Execute(new ScsiAddress(0, 0, 9), inquiry);
        Assert.Equal((SrbStatus.Success, 0x7F), (inquiry.SrbStatus, luns[0]));
        var page = new ScsiCommand([0x12, 1, 0, 0, 36, 0], new ArrayData(luns));
        bus.Execute(new ScsiAddress(0, 0, 9), page);
        Assert.Equal((SrbStatus.InvalidRequest, SenseData.InvalidField), (page.SrbStatus, page.Sense));
        var ready = new ScsiCommand([0, 0, 0, 0, 0, 0], ArrayData.None);
        bus.Execute(new ScsiAddress(0, 0, 9), ready);
        Assert.Equal((SrbStatus.InvalidLun, ScsiStatus.CheckCondition, null), (ready.SrbStatus, ready.Status, ready.Sense));
        Assert.True(bus.Remove(new ScsiAddress(0, 0, 5)));
        Assert.False(bus.Remove(new ScsiAddress(0, 0, 5)));
        Assert.Equal(SenseData.LunsChanged, Do(_disk, [0, 0, 0, 0, 0, 0]).Sense);
        Assert.Throws<InvalidOperationException>(() => bus.Add(new ScsiAddress(0, 0, 0), _disk));
    }

    [Fact]
    public void A_disc_drive_knows_its_disc()
    {
        var drive = new ScsiOptical { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } };
        Assert.Equal(SenseData.NoMedium, Do(drive, [0, 0, 0, 0, 0, 0]).Sense);
        var disc = new BlockImage(2048 * 20);
        disc.Fill(new Random(2), disc.Length);
        drive.Change(disc);
        Assert.Equal(SenseData.MediumChanged, Do(drive, [0, 0, 0, 0, 0, 0]).Sense);
        var data = new byte[4096];
        Assert.Equal(4096, Do(drive, [0x28, 0, 0, 0, 0, 3, 0, 0, 2, 0], data).Transferred);
        var expected = new byte[4096];
        disc.Read(2048 * 3, expected);
        Assert.Equal(expected, data);
        Do(drive, [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], data);
        Assert.Equal((19u, 2048u), (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(4))));
        Assert.Equal(20, Do(drive, [0x43, 0, 0, 0, 0, 0, 0, 0, 200, 0], data).Transferred);
        Assert.Equal(8, Do(drive, [0x46, 0, 0, 0, 0, 0, 0, 0, 200, 0], data).Transferred);
        Assert.Equal(8, Do(drive, [0x4A, 1, 0, 0, 16, 0, 0, 0, 200, 0], data).Transferred);
        Assert.Equal(SenseData.InvalidCommand, Do(drive, [0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0], data).Sense);
        Do(drive, [0x1E, 0, 0, 0, 1, 0]);
        Assert.NotNull(Do(drive, [0x1B, 0, 0, 0, 2, 0]).Sense);
        Do(drive, [0x1E, 0, 0, 0, 0, 0]);
        Assert.Null(Do(drive, [0x1B, 0, 0, 0, 2, 0]).Sense);
        Assert.Null(drive.Disc);
    }

    [Fact]
    public void Any_command_with_any_data_ends_and_stays_inside()
    {
        var random = new Random(5);
        var optical = new ScsiOptical(new BlockImage(2048 * 20)) { Identity = new ScsiIdentity() };
        for (var i = 0; i < 20_000; i++)
        {
            var cdb = new byte[16];
            random.NextBytes(cdb);
            if (random.Next(2) == 0)
                cdb[0] = (byte)Enum.GetValues<ScsiOpcode>()[random.Next(Enum.GetValues<ScsiOpcode>().Length)];
            if (random.Next(2) == 0)
                cdb.AsSpan(2, 6).Clear();
            var data = new byte[random.Next(3) * 1000];
            random.NextBytes(data);
            var command = Do(random.Next(3) == 0 ? optical : _disk, cdb, data);
            Assert.InRange(command.Transferred, 0, data.Length);
            Assert.True(command.SrbStatus != SrbStatus.Pending);
        }
    }

    [Theory]
    [InlineData("vpc")]
    [InlineData("vhdx")]
    public void Images_of_other_formats_come_in_and_go_out_by_qemu_img(string format)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-img"), "qemu-img is not installed.");
        var folder = Directory.CreateTempSubdirectory("guestos-image");
        try
        {
            var raw = Path.Combine(folder.FullName, "a.raw");
            var foreign = Path.Combine(folder.FullName, "a." + format);
            var back = Path.Combine(folder.FullName, "b.raw");
            var content = new byte[1 << 20];
            new Random(3).NextBytes(content);
            File.WriteAllBytes(raw, content);
            QemuImage.Convert(raw, "raw", foreign, format);
            QemuImage.Convert(foreign, format, back, "raw");
            using var image = new FileImage(back);
            var disk = new ScsiDisk(image) { Identity = new ScsiIdentity() };
            Assert.Equal(2048UL, disk.BlockCount);
            var data = new byte[4096];
            Assert.Equal(4096, Do(disk, [0x28, 0, 0, 0, 0, 8, 0, 0, 8, 0], data).Transferred);
            Assert.Equal(content[4096..8192], data);
            Assert.Equal(4096, Do(disk, [0x2A, 0, 0, 0, 0, 0, 0, 0, 8, 0], data).Transferred);
            Assert.Null(Do(disk, [0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0]).Sense);
            image.Clear(512, 100_000);
            image.Read(0, data);
            Assert.Equal(content[4096..4608], data[..512]);
            Assert.DoesNotContain(data[512..], value => value != 0);
            Assert.Contains("cannot convert", Assert.Throws<IOException>(() => QemuImage.Convert(raw + "x", "raw", back, "raw")).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
