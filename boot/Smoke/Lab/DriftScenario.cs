using System.Globalization;
using System.Text.RegularExpressions;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The guest's clock runs at its host's rate. Each reading of it stands between two of the host's, so that the delays of a busy machine make the result
/// uncertain and not wrong; a longer time makes it certain.</summary>
internal sealed partial class DriftScenario() : LabScenario("drift", "The clock runs at the rate of the host's clock: less than 500 ppm between them in 60 s")
{
    private const double MostPpm = 500;
    private const int SamplesAtOnce = 10;

    /// <summary>A short run is not long enough for more than a tenth of the precision.</summary>
    private const double ShortMostPpm = 10 * MostPpm;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override bool IsMostlyWaiting => true;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var (least, most) = context.Settings == SmokeSettings.Full ? (TimeSpan.FromSeconds(60), MostPpm) : (TimeSpan.FromSeconds(10), ShortMostPpm);
        var guest = await context.BootAsync(await MachineAsync(context, 2, "", cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, "guestos>", 0, cancellationToken).ConfigureAwait(false);
        var samples = new List<ClockSample>();
        await AddAsync(context, guest, samples, cancellationToken).ConfigureAwait(false);
        await Task.Delay(least, cancellationToken).ConfigureAwait(false);
        string result;
        while (true)
        {
            await AddAsync(context, guest, samples, cancellationToken).ConfigureAwait(false);
            var (drift, uncertainty) = samples.SelectMany((first, i) => samples.Skip(i + 1).Select(last => last.DriftSince(first))).MinBy(pair => pair.Uncertainty);
            var lasted = samples[^1].Guest - samples[0].Guest;
            result = string.Create(CultureInfo.InvariantCulture, $"{drift:F0} ± {uncertainty:F0} ppm in {lasted.TotalSeconds:F0} s");
            ScenarioContext.Check(Math.Abs(drift) - uncertainty < most, $"drift: expected less than {most:F0} ppm, saw {result}");
            if (Math.Abs(drift) + uncertainty < most)
                break;

            // On a machine that is too busy for certainty the likeliest rate decides; the uncertainty stands in the result.
            if (lasted >= MostTime)
            {
                ScenarioContext.Check(Math.Abs(drift) < most, $"drift: expected less than {most:F0} ppm, saw {result}");
                break;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        await context.EndAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual("tsc-page", ScenarioContext.Single(guest, "hypervisor").Text("clock"), "clock");
        context.Remark(result);
    }

    [GeneratedRegex(@"\bup +(\d+\.\d{6}) s")]
    private static partial Regex Up();

    private static async Task AddAsync(ScenarioContext context, IGuest guest, List<ClockSample> samples, CancellationToken cancellationToken)
    {
        for (var i = 0; i < SamplesAtOnce; i++)
            samples.Add(await SampleAsync(context, guest, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks for the clock at the console.</summary>
    private static async Task<ClockSample> SampleAsync(ScenarioContext context, IGuest guest, CancellationToken cancellationToken)
    {
        var monitor = ScenarioContext.MonitorOf(guest);
        var shown = guest.Console.Text.Length;
        var before = await monitor.ReadTimeAsync(cancellationToken).ConfigureAwait(false);
        await guest.Console.SendLineAsync("clock", cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, " s", await context.WaitForTextAsync(guest, "up ", shown, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var after = await monitor.ReadTimeAsync(cancellationToken).ConfigureAwait(false);
        var match = Up().Match(guest.Console.Text, shown);
        ScenarioContext.Check(match.Success, "the command clock does not show for how long the machine has been up");
        var seconds = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

        // The prompt comes last; the next sample must not find the rest of this one.
        await context.WaitForTextAsync(guest, "guestos>", match.Index, cancellationToken).ConfigureAwait(false);
        return new ClockSample(before, TimeSpan.FromSeconds(seconds), after);
    }
}
