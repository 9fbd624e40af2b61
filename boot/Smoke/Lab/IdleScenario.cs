using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A guest that has nothing to do costs its host next to nothing.</summary>
/// <param name="cpus">Processors.</param>
/// <param name="hasVmBus">Whether VMBus is used, and dynamic memory with it: a status report to the host every second, which takes one timer interrupt.</param>
internal sealed class IdleScenario(int cpus, bool hasVmBus) : LabScenario(
    $"idle-{cpus}cpu{(hasVmBus ? "-vmbus" : "")}",
    $"Idle on {cpus} CPU(s): fewer than {MostInThousandSeconds / 1000} interrupts a second{(hasVmBus ? ", a status report of dynamic memory every second included" : "")}")
{
    private const long MostInThousandSeconds = 2000;

    /// <summary>A short look on a busy machine counts what happens once after the start, and timers that came late and are set again.</summary>
    private const long MostInShort = 3000;

    /// <inheritdoc/>
    public override bool IsMostlyWaiting => true;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var seconds = context.Settings == SmokeSettings.Full ? 60 : 15;
        var test = ScenarioContext.Tests(string.Create(CultureInfo.InvariantCulture, $"idle:{seconds}"));
        var machine = await MachineAsync(context, cpus, hasVmBus ? test : $"vmbus=off {test}", cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
        var idle = ScenarioContext.Single(guest, "idle");
        ScenarioContext.CheckEqual(cpus, idle.Number("cpus"), "processors");
        var rate = idle.Number("perThousandSeconds");
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{rate / 1000.0:0.00} interrupts a second: {idle.Number("interrupts")} in {seconds} s, {idle.Number("timerInterrupts")} of timers");
        var most = context.Settings == SmokeSettings.Full ? MostInThousandSeconds : MostInShort;
        ScenarioContext.Check(rate < most, $"expected fewer than {most / 1000} interrupts a second, saw {figures}");
        context.Remark(figures);
    }
}
