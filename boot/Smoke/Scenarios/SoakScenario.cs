using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>Loads garbage collector, threads, timers and exceptions inside the guest; every checksum must be right, and the time of day movable.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class SoakScenario(int cpus) : Scenario($"soak-{cpus}cpu", $"GC-heavy, multi-threaded soak on {cpus} CPU(s)")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var seconds = context.Settings.SoakSeconds;
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Cpus = cpus,
                DebugExit = true,
                Append = ScenarioContext.Tests("processors", "wallclock", $"soak:{seconds}"),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(2 * seconds), cancellationToken).ConfigureAwait(false);

        var soak = ScenarioContext.Single(guest, "soak");
        ScenarioContext.CheckEqual(cpus, soak.Number("cpus"), "processors used");
        ScenarioContext.CheckEqual(0, soak.Number("wrong"), "wrong checksums");
        ScenarioContext.Check(soak.Number("rounds") > 0, "the soak did no work");
        ScenarioContext.Check(soak.Number("collections") > 0, "the soak caused no garbage collection");
        ScenarioContext.Check(soak.Number("seconds") >= seconds, $"the soak lasted {soak.Number("seconds")} s, not {seconds}");
    }
}
