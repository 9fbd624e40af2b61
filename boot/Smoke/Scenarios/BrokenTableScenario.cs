using System.Buffers.Binary;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>Disks whose partition tables cannot be true: the kernel says so, goes on, still reads them, and writes nothing to them.</summary>
internal sealed class BrokenTableScenario() : Scenario("broken-partition-table", "Damaged GPT and impossible MBR: reported, disks readable and untouched")
{
    private const int DiskSize = 4 << 20;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        (Drive Drive, byte[] Content)[] disks =
        [
            (new Drive(0, 1, DriveKind.Disk) { Path = context.File("gpt.img"), Persistent = true }, DamagedGpt()),
            (new Drive(1, 1, DriveKind.Disk) { Path = context.File("mbr.img"), Persistent = true }, ImpossibleMbr()),
        ];
        foreach (var (drive, content) in disks)
            await File.WriteAllBytesAsync(drive.Path!, content, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Drives = [.. disks.Select(disk => disk.Drive)],
                DebugExit = true,
                Append = ScenarioContext.Tests([.. disks.Select(disk => "hash:" + disk.Drive.Name)]),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);

        foreach (var (drive, content) in disks)
        {
            var report = guest.Events.Of("disk").FirstOrDefault(e => e.Text("name") == drive.Name);
            ScenarioContext.Check(report is not null, $"no event disk for {drive.Name}");
            ScenarioContext.CheckEqual("broken", report.Text("table"), $"partition table of {drive.Name}");
            ScenarioContext.Check(!string.IsNullOrEmpty(report.Text("error")), $"the event does not say what is wrong with the table of {drive.Name}");
            var hash = guest.Events.Of("hash").Single(e => e.Text("disk") == drive.Name);
            ScenarioContext.CheckEqual(HostView.Hash(content), hash.Text("sha256"), $"SHA-256 of {drive.Name}");
            var after = await File.ReadAllBytesAsync(drive.Path!, cancellationToken).ConfigureAwait(false);
            ScenarioContext.Check(Pattern.FirstDifference(content, after) < 0, $"the kernel wrote to {drive.Name}");
        }
    }

    /// <summary>A partition table of which both copies have a wrong checksum.</summary>
    private static byte[] DamagedGpt()
    {
        var disk = new byte[DiskSize];
        GuidPartitionTable.Write(disk, [new DiskPartition(DiskPartition.BasicData, "Data", 2048, 2048)], "broken"u8);
        disk[GuidPartitionTable.BlockSize + 40] ^= 0xFF;
        disk[DiskSize - GuidPartitionTable.BlockSize + 40] ^= 0xFF;
        return disk;
    }

    /// <summary>A partition that ends far behind the disk's end.</summary>
    private static byte[] ImpossibleMbr()
    {
        var disk = new byte[DiskSize];
        disk[446 + 4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 8), 63);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 12), 0x7FFFFFFF);
        disk[510] = 0x55;
        disk[511] = 0xAA;
        return disk;
    }
}
