using System.Globalization;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>A disk with one sector that cannot be read: the error names drive and LBA, and the kernel lives on.</summary>
internal sealed class UnreadableSectorScenario() : Scenario("unreadable-sector", "One unreadable sector: the error names drive and LBA, the rest still works")
{
    private const int DiskSize = 4 << 20;
    private const long Sector = 4321;
    private const string DriveName = "ata0.1";
    private const string OtherName = "ata1.1";
    private const ulong Seed = 7;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var bad = new Drive(0, 1, DriveKind.Disk) { Path = context.File("bad.img"), UnreadableSector = Sector };
        var good = new Drive(1, 1, DriveKind.Disk) { Path = context.File("good.img") };
        var content = Pattern.Create(Seed, DiskSize);
        await File.WriteAllBytesAsync(bad.Path, content, cancellationToken).ConfigureAwait(false);
        await File.WriteAllBytesAsync(good.Path, content, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Drives = [bad, good],
                DebugExit = true,
                Append = ScenarioContext.Tests("hash:" + DriveName, "hash:" + OtherName),
            },
            cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);

        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.DebugPort, GuestExit.StatusFailed), exit, "end of the machine");
        var failed = guest.Events.Of("hash").SingleOrDefault(e => e.Text("disk") == DriveName);
        ScenarioContext.Check(failed is not null && failed.Text("result") == "error", "reading the bad disk was not reported as an error");
        ScenarioContext.CheckEqual(Sector, failed.Number("lba"), "LBA in the event");
        var lba = Sector.ToString(CultureInfo.InvariantCulture);
        var error = failed.Text("error") ?? "";
        ScenarioContext.Check(
            error.Contains(DriveName, StringComparison.Ordinal) && error.Contains(lba, StringComparison.Ordinal),
            $"the error names neither drive nor LBA: {error}");
        ScenarioContext.Check(guest.Console.Text.Contains(lba, StringComparison.Ordinal), "the log on COM1 does not name the LBA");
        var intact = guest.Events.Of("hash").SingleOrDefault(e => e.Text("disk") == OtherName);
        ScenarioContext.CheckEqual(HostView.Hash(content), intact?.Text("sha256"), "SHA-256 of the other disk");
    }
}
