using System.Security.Cryptography;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>The guest reads a disc, opens the tray; the host sees it open, puts in another disc; the guest reads that.</summary>
internal sealed class DiscChangeScenario() : Scenario("disc-change", "ATAPI disc read, ejected by the guest, changed by the host, read again")
{
    private const string DriveName = "ata1.0";

    // Sizes differ, so that a guest which keeps the old capacity is found out.
    private const int FirstSize = 700 * 2048;
    private const int SecondSize = 1100 * 2048;

    /// <inheritdoc/>
    public override string? WhyNot(SmokeMedia media) =>
        media.Has(ImageFormat.Elf) || media.Has(ImageFormat.Img) || media.Has(ImageFormat.Vhd) || media.Has(ImageFormat.Vhdx)
            ? null
            : "needs the disc drive's place on channel 1, which the given image takes";

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var first = await CreateDiscAsync(context.File("first.iso"), FirstSize, cancellationToken).ConfigureAwait(false);
        var second = await CreateDiscAsync(context.File("second.iso"), SecondSize, cancellationToken).ConfigureAwait(false);
        var boot = context.Media.Has(ImageFormat.Elf)
            ? await context.Media.GetAsync(ImageFormat.Elf, cancellationToken).ConfigureAwait(false)
            : await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = boot,
                Drives = [new Drive(1, 0, DriveKind.Disc) { Path = first.Path }],
                DebugExit = true,
                Append = ScenarioContext.Tests($"atapi:{DriveName}"),
            },
            cancellationToken).ConfigureAwait(false);

        var ejected = await context.WaitAsync(guest, "atapi, ejected", e => e.Kind == "atapi" && e.Text("step") == "ejected", TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
        ScenarioContext.Check(ejected.IsOk, $"the guest could not eject: {ejected.Text("error")}");
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            patience.CancelAfter(TimeSpan.FromSeconds(10) * context.Settings.Patience);
            await OpenTrayAsync(guest, patience.Token, cancellationToken).ConfigureAwait(false);
        }

        await guest.InsertDiscAsync(DriveName, second.Path, cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
        CheckStep(guest, "read", FirstSize, first.Sha256);
        CheckStep(guest, "changed", SecondSize, second.Sha256);
    }

    private static async Task OpenTrayAsync(IGuest guest, CancellationToken patience, CancellationToken cancellationToken)
    {
        try
        {
            await guest.WaitForOpenTrayAsync(DriveName, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ScenarioFailedException("the guest says that it ejected the disc, the host sees the tray closed");
        }
    }

    private static void CheckStep(IGuest guest, string step, long length, string sha256)
    {
        var report = guest.Events.Of("atapi").SingleOrDefault(e => e.Text("step") == step);
        ScenarioContext.Check(report is not null, $"no event atapi, {step}");
        ScenarioContext.CheckEqual(length, report.Number("length"), $"length of the disc, {step}");
        ScenarioContext.CheckEqual(sha256, report.Text("sha256"), $"SHA-256 of the disc, {step}");
    }

    private static async Task<(string Path, string Sha256)> CreateDiscAsync(string path, int size, CancellationToken cancellationToken)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        await File.WriteAllBytesAsync(path, content, cancellationToken).ConfigureAwait(false);
        return (path, HostView.Hash(content));
    }
}
