using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>The guest powers the machine off by ACPI.</summary>
/// <param name="chipset">The board.</param>
internal sealed class PowerOffScenario(Chipset chipset)
    : Scenario($"poweroff-{chipset.ToString().ToLowerInvariant()}", $"ACPI power-off on {chipset.ToString().ToLowerInvariant()}")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Chipset = chipset,
                Append = "guestos.test=poweroff",
            },
            cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), exit, "end of the machine");
        ScenarioContext.CheckEqual("poweroff", ScenarioContext.Single(guest, "poweroff").Text("kind"), "kind in the event");
    }
}
