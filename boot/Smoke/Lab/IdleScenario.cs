using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A guest that has nothing to do costs its host next to nothing.</summary>
/// <param name="cpus">Processors.</param>
/// <param name="hasVmBus">Whether VMBus is used, and dynamic memory with it: a status report to the host every second, which several threads have a part in.</param>
internal sealed class IdleScenario(int cpus, bool hasVmBus) : LabScenario(
    $"idle-{cpus}cpu{(hasVmBus ? "-vmbus" : "")}",
    $"Idle on {cpus} CPU(s): fewer than {Most(hasVmBus) / 1000} interrupts a second{(hasVmBus ? ", a status report of dynamic memory every second included" : "")}")
{
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
        ScenarioContext.Check(
            idle.Number("perThousandSeconds") < Most(hasVmBus), $"interrupts in 1000 s: expected fewer than {Most(hasVmBus)}, saw {idle.Number("perThousandSeconds")}");
        context.Remark($"{idle.Number("interrupts")} interrupts in {seconds} s, {idle.Number("timerInterrupts")} of timers");
    }

    private static long Most(bool hasVmBus) => hasVmBus ? 10_000 : 2_000;
}
