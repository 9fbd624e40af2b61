using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Boot.Build;

namespace GuestOS.Bench.Runs;

/// <summary>Starts both machines in turns and takes their times, in milliseconds.</summary>
/// <param name="machines">The machines.</param>
/// <param name="memory">Memory of both in MiB.</param>
internal sealed class BootRuns(Machines machines, int memory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private readonly List<Ours> _ours = [];
    private readonly List<Debian> _debian = [];

    /// <summary>One start of each.</summary>
    public async Task AddPairAsync(CancellationToken cancellationToken)
    {
        _ours.Add(await BootOursAsync(cancellationToken).ConfigureAwait(false));
        _debian.Add(await BootDebianAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What the starts so far say.</summary>
    public IEnumerable<Figure> Figures()
    {
        var init = new Series(_debian.Select(run => run.Init));
        yield return new Figure("kernel entry to managed Main", "ms", new Series(_ours.Select(run => run.Main)))
        {
            Peer = init,
            PeerNote = "to /init",
            Goal = Goal.AtMost(40, "ms"),
        };
        yield return new Figure("kernel entry to ready", "ms", new Series(_ours.Select(run => run.Ready)))
        {
            Peer = init,
            PeerNote = "to /init",
            Goal = Goal.RatioAtMost(0.1),
        };
        yield return new Figure("kernel entry to disk found", "ms", new Series(_ours.Select(run => run.Disk)))
        {
            Peer = new Series(_debian.Select(run => run.Disk)),
            PeerNote = "to /dev/sda",
        };
        yield return new Figure("power on to ready", "ms", new Series(_ours.Select(run => run.PowerOnToReady)))
        {
            Peer = new Series(_debian.Select(run => run.PowerOnToInit)),
            PeerNote = "to /init",
        };
        yield return new Figure("power on to kernel entry", "ms", new Series(_ours.Select(run => run.PowerOnToReady - run.Ready)))
        {
            Peer = new Series(_debian.Select(run => run.PowerOnToEntry)),
            PeerNote = "decompression included",
        };
    }

    private async Task<Ours> BootOursAsync(CancellationToken cancellationToken)
    {
        var run = await MachineRun.StartAsync(machines.Ours(memory), cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            var ready = await run.WaitAsync("ready", Limit, cancellationToken).ConfigureAwait(false);
            return new Ours(
                run.Events.Of("runtime")[0].Time / 1e6,
                run.Events.Of("disk") is [var disk, ..] ? disk.Time / 1e6 : throw new ToolException("GuestOS found no disk."),
                ready.Time / 1e6,
                run.ArrivalOf("ready").TotalMilliseconds);
        }
    }

    private async Task<Debian> BootDebianAsync(CancellationToken cancellationToken)
    {
        var run = await MachineRun.StartAsync(machines.Debian(memory), cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            await run.WaitAsync("disk", Limit, cancellationToken).ConfigureAwait(false);
            if (run.FirstText is not { } entry || !run.Text.TrimStart().StartsWith("[    0.000000] Linux version", StringComparison.Ordinal))
                throw new ToolException($"The Debian kernel did not begin with its version on COM1:\n{run.Text}");
            return new Debian(
                entry.TotalMilliseconds,
                (run.ArrivalOf("init") - entry).TotalMilliseconds,
                (run.ArrivalOf("disk") - entry).TotalMilliseconds,
                run.ArrivalOf("init").TotalMilliseconds);
        }
    }

    private sealed record Ours(double Main, double Disk, double Ready, double PowerOnToReady);

    private sealed record Debian(double PowerOnToEntry, double Init, double Disk, double PowerOnToInit);
}
