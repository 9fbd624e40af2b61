using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>A kernel option that nobody knows is reported and ignored.</summary>
internal sealed class UnknownOptionScenario() : Scenario("unknown-option", "Unknown kernel option: reported on COM1 and in the event log, then ignored")
{
    private const string Option = "guestos.nonsense";

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                DebugExit = true,
                Append = $"{Option}=1 {ScenarioContext.Tests("soak:1")}",
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        var reported = ScenarioContext.Single(guest, "option").Text("name") ?? "";
        ScenarioContext.Check(reported.StartsWith(Option, StringComparison.Ordinal), $"the event names {reported}, not {Option}");
        ScenarioContext.Check(guest.Console.Text.Contains(Option, StringComparison.Ordinal), "the log on COM1 does not name the option");
    }
}
