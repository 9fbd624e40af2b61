using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The clock read on all processors at once; then timers.</summary>
internal sealed class ClockScenario() : LabScenario("clock", "The clock on 4 CPUs: ten million readings, none earlier than one before; timers, with a histogram of their lateness")
{
    private const int Cpus = 4;
    private const long LeastReads = 10_000_000;

    /// <summary>Two threads for each of four processors, emulated by fewer: what a busy build host adds to half of the timers at the very most.</summary>
    private static readonly TimeSpan MostMedian = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public override bool IsAlone => true;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var isFull = context.Settings == SmokeSettings.Full;
        var (clockSeconds, timerSeconds) = isFull ? (30, 20) : (8, 4);
        var tests = ScenarioContext.Tests(
            string.Create(CultureInfo.InvariantCulture, $"clock:{clockSeconds}"), string.Create(CultureInfo.InvariantCulture, $"timers:{timerSeconds}"));
        var machine = await MachineAsync(context, Cpus, tests, cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(2 * (clockSeconds + timerSeconds)), cancellationToken).ConfigureAwait(false);

        var clock = ScenarioContext.Single(guest, "clock");
        ScenarioContext.CheckEqual("tsc-page", clock.Text("source"), "source of the clock");
        ScenarioContext.CheckEqual(Cpus, clock.Number("cpus"), "processors");
        ScenarioContext.CheckEqual(0, clock.Number("backwards"), "readings that were earlier than one before");
        ScenarioContext.Check(!isFull || clock.Number("reads") >= LeastReads, $"readings: expected {LeastReads}, saw {clock.Number("reads")}");
        var timers = ScenarioContext.Single(guest, "timers");
        ScenarioContext.CheckEqual(0, timers.Number("early"), "timers that fired before their time");
        var most = MostMedian * context.Settings.Patience;
        ScenarioContext.Check(
            timers.Number("medianNs") <= most.TotalNanoseconds, $"median lateness of timers: expected at most {most.TotalMilliseconds:F0} ms, saw {timers.Number("medianNs")} ns");
        context.Remark(string.Create(
            CultureInfo.InvariantCulture,
            $"{clock.Number("reads")} readings, {clock.Number("corrections")} corrections; {timers.Number("fired")} timers, {timers.Number("within1ms")} at most 1 ms late, lateness {timers.Text("histogram")}"));
    }
}
