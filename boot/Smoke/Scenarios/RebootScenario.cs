using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>The guest restarts the machine, which then boots again.</summary>
/// <param name="format">The medium.</param>
/// <param name="chipset">The board.</param>
internal sealed class RebootScenario(ImageFormat format, Chipset chipset)
    : Scenario($"reboot-{format.ToString().ToLowerInvariant()}-{chipset.ToString().ToLowerInvariant()}", $"Reboot on {chipset.ToString().ToLowerInvariant()}: the kernel comes up a second time")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [format];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetAsync(format, cancellationToken).ConfigureAwait(false),
                Chipset = chipset,
                StopOnReset = false,
                Append = "guestos.test=reboot",
            },
            cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(
            guest, "ready, a second time", e => e.Kind == "ready" && guest.Events.Of("ready").Count > 1, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
        await guest.StopAsync().ConfigureAwait(false);
        var first = guest.Events.Of("poweroff")[0];
        ScenarioContext.CheckEqual("reboot", first.Text("kind"), "kind in the event poweroff");
    }
}
