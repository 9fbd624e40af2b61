using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;

namespace GuestOS.Bench.Commands;

/// <summary>
/// The <c>network</c> command: the synthetic network driver and the simulated host in one process, on one thread and a simulated clock. What
/// it counts is exact; what it times includes the host.
/// </summary>
internal sealed class NetworkBenchCommand : Command
{
    private readonly ReportOptions _options;
    private readonly Option<int> _frames = CommonOptions.Ranged("--frames", "Frames of each kind in a run.", "N", 20_000, 100, 10_000_000);

    /// <summary>Declares the command.</summary>
    public NetworkBenchCommand()
        : base("network", "Synthetic network on the simulated host: allocation, hypercalls and frames a second, each way.")
    {
        _options = new ReportOptions(this, repetitions: 5, "Runs of each kind, in turns.");
        Options.Add(_frames);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var frames = result.GetValue(_frames);
        var state = new HostState();
        var runs = new NetworkRuns(frames);
        await _options.RepeatAsync(tools, result, () =>
        {
            runs.AddRun();
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        string[] notes =
        [
            string.Create(CultureInfo.InvariantCulture, $"Driver and simulated host in this process, on one thread; {frames} frames of each kind in a run, as many at once as the depth says, then the next. Each send is a call of its own."),
            SimulatedHost.Note,
            "Allocated: by the driver, in the caller's calls and on the guest's thread pool; at both depths, with both hosts.",
            "Hypercalls and frames: through VMBus and the simulated host's switch; the host's time is in them.",
            state.Describe("This program"),
        ];
        await _options.FinishAsync(tools, result, new Report("Synthetic network", notes, [.. runs.Figures()]), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
