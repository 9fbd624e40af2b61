using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;

namespace GuestOS.Bench.Commands;

/// <summary>The <c>ring</c> command: the driver's side of VMBus rings, beside copies of the same bytes.</summary>
internal sealed class RingCommand : Command
{
    private readonly ReportOptions _options;
    private readonly Option<int> _megabytes = CommonOptions.Ranged("--megabytes", "Payload of each size in a run, in MiB.", "MIB", 64, 1, 1 << 20);

    /// <summary>Declares the command.</summary>
    public RingCommand()
        : base("ring", "VMBus rings: time, bandwidth and allocation of packets of 64 B, 4 KiB and 64 KiB.")
    {
        _options = new ReportOptions(this, repetitions: 15, "Runs of each size, in turns.");
        Options.Add(_megabytes);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var megabytes = result.GetValue(_megabytes);
        using var runs = new RingRuns((long)megabytes << 20);
        runs.WarmUp();
        var state = new HostState();
        await _options.RepeatAsync(tools, result, () =>
        {
            runs.AddRun();
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        string[] notes =
        [
            string.Create(CultureInfo.InvariantCulture, $"One ring of {RingLoad.RingSize >> 10} KiB in ordinary memory, the drivers' producer at one end and their consumer at the other, on one thread: filled, drained, again; {megabytes} MiB of each size in a run."),
            "Send: from the payload to the published packet. Receive: the packet copied out and checked, its place given back once a drained ring. Nobody is signalled.",
            "memcpy: as many copies of the payload into a buffer as large as the ring, and out of it, after each turn of the ring; the ratio is the share of its bandwidth.",
            state.Describe("This program"),
        ];
        var report = new Report("VMBus rings", notes, [.. runs.Figures()]) { PeerName = "memcpy" };
        await _options.FinishAsync(tools, result, report, cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
