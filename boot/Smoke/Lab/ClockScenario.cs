using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The guest's clock beside its host's, read on all processors at once; then its timers.</summary>
internal sealed class ClockScenario() : LabScenario("clock", "The clock on 4 CPUs beside the host's: drift under 500 ppm, no reading earlier than one before; timers, with a histogram of their lateness")
{
    private const int Cpus = 4;
    private const long LeastReads = 10_000_000;
    private const double MostDriftPpm = 500;

    /// <summary>In a short run the delays of the readings weigh more: this much of them is allowed for.</summary>
    private static readonly TimeSpan ShortNoise = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public override bool IsAlone => true;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var isFull = context.Settings == SmokeSettings.Full;
        var (clockSeconds, timerSeconds) = isFull ? (60, 20) : (9, 4);
        var tests = ScenarioContext.Tests(
            string.Create(CultureInfo.InvariantCulture, $"clock:{clockSeconds}"), string.Create(CultureInfo.InvariantCulture, $"timers:{timerSeconds}"));
        var machine = await MachineAsync(context, Cpus, tests, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(machine, cancellationToken).ConfigureAwait(false);
        var comparison = new ClockComparison();
        for (var i = 0; i <= clockSeconds; i++)
            await CompareAsync(context, guest, comparison, i, cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, LabTime + TimeSpan.FromSeconds(timerSeconds), cancellationToken).ConfigureAwait(false);

        var clock = ScenarioContext.Single(guest, "clock");
        ScenarioContext.CheckEqual("tsc-page", clock.Text("source"), "source of the clock");
        ScenarioContext.CheckEqual(Cpus, clock.Number("cpus"), "processors");
        ScenarioContext.CheckEqual(0, clock.Number("backwards"), "readings that were earlier than one before");
        ScenarioContext.Check(!isFull || clock.Number("reads") >= LeastReads, $"readings: expected {LeastReads}, saw {clock.Number("reads")}");
        var drift = comparison.DriftPpm();
        var most = MostDriftPpm + (isFull ? 0 : ShortNoise.TotalSeconds / clockSeconds * 1e6);
        ScenarioContext.Check(Math.Abs(drift) < most, string.Create(CultureInfo.InvariantCulture, $"drift: expected less than {most:F0} ppm, saw {drift:F0} ppm"));
        var timers = ScenarioContext.Single(guest, "timers");
        ScenarioContext.CheckEqual(0, timers.Number("early"), "timers that fired before their time");
        context.Remark(string.Create(
            CultureInfo.InvariantCulture,
            $"{drift:F0} ppm in {clockSeconds} s, {clock.Number("reads")} readings, {clock.Number("corrections")} corrections; {timers.Number("fired")} timers, {timers.Number("within1ms")} at most 1 ms late, lateness {timers.Text("histogram")}"));
    }

    /// <summary>Waits for a mark of the guest's clock and takes the host's time then.</summary>
    internal static async Task CompareAsync(ScenarioContext context, Hosts.IGuest guest, ClockComparison comparison, int number, CancellationToken cancellationToken)
    {
        var mark = await context.WaitAsync(
            guest, $"clockmark {number}", e => e.Kind == "clockmark" && e.Number("number") == number, LabTime, cancellationToken).ConfigureAwait(false);
        var host = await ScenarioContext.MonitorOf(guest).ReadTimeAsync(cancellationToken).ConfigureAwait(false);
        comparison.Add(mark.Number("ns") ?? throw new ScenarioFailedException($"the event has no ns: {mark}"), host);
    }
}
