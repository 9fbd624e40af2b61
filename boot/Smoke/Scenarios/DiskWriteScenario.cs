using System.Security.Cryptography;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// The guest writes a pattern over whole disks and flushes; after power-off the host compares every byte. The seed is new in each run.
/// </summary>
/// <param name="mode">Transfer mode: dma or pio.</param>
/// <param name="cpus">Processors.</param>
internal sealed class DiskWriteScenario(string mode, int cpus)
    : Scenario($"disk-write-{mode}-{cpus}cpu", $"Two disks written by {mode.ToUpperInvariant()} on {cpus} CPU(s), on both channels, compared byte for byte on the host")
{
    /// <summary>Not a whole number of the largest transfers, so that the last one is short.</summary>
    private const int DiskSize = (4 << 20) + 17 * 512;
    private static readonly (int Channel, int Unit)[] Places = [(0, 1), (1, 1)];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        List<(Drive Drive, ulong Seed)> disks = [];
        foreach (var (channel, unit) in Places)
        {
            var drive = new Drive(channel, unit, DriveKind.Disk) { Path = context.File($"disk{channel}.img"), Persistent = true, Serial = $"GUESTOS-{channel}{unit}" };
            await File.WriteAllBytesAsync(drive.Path, RandomNumberGenerator.GetBytes(DiskSize), cancellationToken).ConfigureAwait(false);
            disks.Add((drive, (ulong)RandomNumberGenerator.GetInt32(int.MaxValue)));
        }

        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Drives = [.. disks.Select(disk => disk.Drive)],
                Cpus = cpus,
                DebugExit = true,
                Append = ScenarioContext.Tests([.. disks.Select(disk => $"pattern:{disk.Drive.Name}:{disk.Seed}:{mode}")]),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);

        foreach (var (drive, seed) in disks)
        {
            var report = guest.Events.Of("pattern").SingleOrDefault(e => e.Text("disk") == drive.Name);
            ScenarioContext.Check(report is not null, $"no event pattern for {drive.Name}");
            ScenarioContext.CheckEqual(mode, report.Text("mode"), $"transfer mode of {drive.Name}");
            ScenarioContext.CheckEqual(DiskSize, report.Number("length"), $"bytes written to {drive.Name}");
            var serial = guest.Events.Of("disk").FirstOrDefault(e => e.Text("name") == drive.Name)?.Text("serial");
            ScenarioContext.CheckEqual(drive.Serial, serial, $"serial number of {drive.Name}");
            var written = await File.ReadAllBytesAsync(drive.Path!, cancellationToken).ConfigureAwait(false);
            var difference = Pattern.FirstDifference(Pattern.Create(seed, DiskSize), written);
            ScenarioContext.Check(difference < 0, $"{drive.Name} differs from the pattern of seed {seed} at byte {difference} of {written.Length}");
        }
    }
}
