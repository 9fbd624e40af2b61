using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The host stops the machine for a while and lets it go on: the guest's clock and the timers that were armed meanwhile carry on.</summary>
internal sealed class StoppedScenario() : LabScenario("stopped", "Stopped for 20 s and continued by the host's monitor: the clock never goes back, keeps its rate, timers fire")
{
    private const int Before = 3;
    private const int After = 8;
    private const int TimerSeconds = 3;

    /// <summary>Delay of a reading and of what the host does beside it, on a busy machine.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(context.Settings == SmokeSettings.Full ? 20 : 5);
        var tests = ScenarioContext.Tests(
            string.Create(CultureInfo.InvariantCulture, $"clock:{Before + After}"), string.Create(CultureInfo.InvariantCulture, $"timers:{TimerSeconds}"));
        var machine = await MachineAsync(context, 2, tests, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(machine, cancellationToken).ConfigureAwait(false);
        var monitor = ScenarioContext.MonitorOf(guest);
        var before = await MarkAsync(Before).ConfigureAwait(false);
        var events = monitor.Events.Count;
        await monitor.StopAsync(cancellationToken).ConfigureAwait(false);
        await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        await monitor.ContinueAsync(cancellationToken).ConfigureAwait(false);
        var next = await MarkAsync(Before + 1).ConfigureAwait(false);
        var last = await MarkAsync(Before + After).ConfigureAwait(false);
        await context.EndPassedAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);

        var stopped = await TimeOfAsync("RESUME").ConfigureAwait(false) - await TimeOfAsync("STOP").ConfigureAwait(false);
        ScenarioContext.Check(stopped >= pause - Noise, $"the machine was stopped for {stopped.TotalSeconds:F1} s only");
        var lost = next.Host - before.Host - (next.Guest - before.Guest);
        Within(-Noise, stopped + Noise, lost, "time that the guest's clock lost while the machine was stopped");
        var noise = Noise * context.Settings.Patience;
        Within(-noise, noise, last.Host - next.Host - (last.Guest - next.Guest), "time that the guest's clock lost after the machine went on");
        var clock = ScenarioContext.Single(guest, "clock");
        ScenarioContext.CheckEqual(0, clock.Number("backwards"), "readings that were earlier than one before");
        ScenarioContext.CheckEqual("tsc-page", clock.Text("source"), "source of the clock at the end");
        var timers = ScenarioContext.Single(guest, "timers");
        ScenarioContext.CheckEqual(0, timers.Number("early"), "timers that fired before their time");
        context.Remark(string.Create(
            CultureInfo.InvariantCulture,
            $"stopped for {stopped.TotalSeconds:F1} s, of which the guest's clock lost {lost.TotalSeconds:F1} s; {clock.Number("fallbacks")} fallbacks, {clock.Number("stalePages")} stale pages, {clock.Number("corrections")} corrections; lateness {timers.Text("histogram")}"));

        async Task<(TimeSpan Guest, DateTimeOffset Host)> MarkAsync(int number)
        {
            var mark = await context.WaitAsync(
                guest, $"clockmark {number}", e => e.Kind == "clockmark" && e.Number("number") == number, LabTime, cancellationToken).ConfigureAwait(false);
            return (TimeSpan.FromMicroseconds(mark.Number("ns")!.Value / 1000.0), await monitor.ReadTimeAsync(cancellationToken).ConfigureAwait(false));
        }

        async Task<DateTimeOffset> TimeOfAsync(string name) =>
            (await context.WaitForMonitorAsync(guest, name, events, LabTime, cancellationToken).ConfigureAwait(false)).Time;
    }

    private static void Within(TimeSpan least, TimeSpan most, TimeSpan seen, string what) => ScenarioContext.Check(
        seen >= least && seen <= most, $"{what}: expected {least.TotalSeconds:F1} to {most.TotalSeconds:F1} s, saw {seen.TotalSeconds:F1} s");
}
