using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A guest that has nothing to do costs its host next to nothing.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class IdleScenario(int cpus) : LabScenario($"idle-{cpus}cpu", $"Idle on {cpus} CPU(s): fewer than two interrupts a second, status reports to the host included")
{
    private const long MostPerThousandSeconds = 2000;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var seconds = context.Settings == SmokeSettings.Full ? 60 : 15;
        var machine = await MachineAsync(
            context, cpus, ScenarioContext.Tests(string.Create(CultureInfo.InvariantCulture, $"idle:{seconds}")), cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
        var idle = ScenarioContext.Single(guest, "idle");
        ScenarioContext.CheckEqual(cpus, idle.Number("cpus"), "processors");
        ScenarioContext.Check(
            idle.Number("perThousandSeconds") < MostPerThousandSeconds, $"interrupts in 1000 s: expected fewer than {MostPerThousandSeconds}, saw {idle.Number("perThousandSeconds")}");
        context.Remark($"{idle.Number("interrupts")} interrupts in {seconds} s");
    }
}
