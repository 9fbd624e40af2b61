using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>With <c>quiet</c> the console shows its first line and warnings; everything else is in the log all the same.</summary>
internal sealed class QuietScenario() : Scenario("quiet", "Kernel option quiet: only the first line and warnings on COM1, the console's log command has all")
{
    private const string FirstLine = ".NET on bare metal";
    private const string Information = "Ready;";
    private const string Option = "guestos.nonsense";

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Append = $"quiet {Option}=1",
            },
            cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(guest, "ready", e => e.Kind == "ready", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, "> ", 0, cancellationToken).ConfigureAwait(false);
        var text = guest.Console.Text;
        ScenarioContext.Check(text.Contains(FirstLine, StringComparison.Ordinal), $"COM1 does not show \"{FirstLine}\"");
        ScenarioContext.Check(text.Contains(Option, StringComparison.Ordinal), $"COM1 does not show the warning of {Option}");
        ScenarioContext.Check(!text.Contains(Information, StringComparison.Ordinal), $"COM1 shows \"{Information}\"");

        await guest.Console.SendLineAsync("log", cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, Information, text.Length, cancellationToken).ConfigureAwait(false);
        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), exit, "end of the machine");
    }
}
