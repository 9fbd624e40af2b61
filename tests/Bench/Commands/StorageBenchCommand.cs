using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;

namespace GuestOS.Bench.Commands;

/// <summary>
/// The <c>storage</c> command: the synthetic storage driver and the simulated host in one process, on one thread and a simulated clock. What it
/// counts is exact; what it times includes the host.
/// </summary>
internal sealed class StorageBenchCommand : Command
{
    private readonly ReportOptions _options;
    private readonly Option<int> _requests = CommonOptions.Ranged("--requests", "Requests of each kind in a run.", "N", 20_000, 100, 10_000_000);

    /// <summary>Declares the command.</summary>
    public StorageBenchCommand()
        : base("storage", "Synthetic storage on the simulated host: allocation, hypercalls and requests a second.")
    {
        _options = new ReportOptions(this, repetitions: 5, "Runs of each kind, in turns.");
        Options.Add(_requests);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var requests = result.GetValue(_requests);
        var state = new HostState();
        var runs = new StorageRuns(requests);
        await _options.RepeatAsync(tools, result, () =>
        {
            runs.AddRun();
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        string[] notes =
        [
            string.Create(CultureInfo.InvariantCulture, $"Driver and simulated host in this process, on one thread; {requests} requests of each kind in a run."),
            SimulatedHost.Note,
            "Allocated: by the client, from the call to the result, on a host that answers at once.",
            "Hypercalls and requests: through VMBus to the simulated host and back; the host's time is in them.",
            state.Describe("This program"),
        ];
        await _options.FinishAsync(tools, result, new Report("Synthetic storage", notes, [.. runs.Figures()]), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
