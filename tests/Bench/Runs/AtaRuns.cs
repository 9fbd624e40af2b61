using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;

namespace GuestOS.Bench.Runs;

/// <summary>Loads the disk under both kernels in turns.</summary>
/// <param name="machines">The machines; the Debian one's initramfs carries the load program.</param>
/// <param name="memory">Memory of both in MiB.</param>
/// <param name="milliseconds">Length of each of the eight loads.</param>
internal sealed class AtaRuns(Machines machines, int memory, int milliseconds)
{
    private const int Loads = 8;
    private const double MiB = 1 << 20;
    private readonly List<IReadOnlyDictionary<Load, Speed>> _ours = [];
    private readonly List<IReadOnlyDictionary<Load, Speed>> _debian = [];

    /// <summary>What follows the program's name in the Debian machine.</summary>
    public static string PeerArguments(int milliseconds) => string.Create(CultureInfo.InvariantCulture, $"disk /dev/sda {milliseconds}");

    /// <summary>One run of each.</summary>
    public async Task AddPairAsync(CancellationToken cancellationToken)
    {
        var append = string.Create(CultureInfo.InvariantCulture, $"guestos.test=atabench:ata0.0:{milliseconds} guestos.exit=halt");
        _ours.Add(await RunAsync(machines.Ours(memory, append), cancellationToken).ConfigureAwait(false));
        _debian.Add(await RunAsync(machines.Debian(memory), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures()
    {
        foreach (var load in _ours[0].Keys)
        {
            yield return new Figure($"{load}, MiB/s", "MiB/s", Of(_ours, load, speed => speed.BytesPerSecond / MiB))
            {
                Peer = Of(_debian, load, speed => speed.BytesPerSecond / MiB),
                Goal = Goal.RatioAtLeast(1),
            };
            yield return new Figure($"{load}, requests/s", "/s", Of(_ours, load, speed => speed.RequestsPerSecond))
            {
                Peer = Of(_debian, load, speed => speed.RequestsPerSecond),
            };
        }
    }

    private static Series Of(IEnumerable<IReadOnlyDictionary<Load, Speed>> runs, Load load, Func<Speed, double> value) =>
        new(runs.Select(run => value(run[load])));

    private async Task<IReadOnlyDictionary<Load, Speed>> RunAsync(Boot.Hosts.MachineSpec machine, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromSeconds(120) + (TimeSpan.FromMilliseconds(milliseconds) * Loads * 3);
        var run = await MachineRun.StartAsync(machine, cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            await run.WaitAsync("exit", limit, cancellationToken).ConfigureAwait(false);
            var events = run.Events.Of("atabench");
            if (events.FirstOrDefault(e => !e.IsOk) is { } failed)
                throw new ToolException($"{machine.Name}: {failed}");
            if (events.Count != Loads)
                throw new ToolException($"{machine.Name}: {events.Count} of {Loads} loads were reported.\n{run.Text}");
            return events.ToDictionary(Load.Of, Speed.Of);
        }
    }

    private sealed record Load(string Operation, string Order, long RequestBytes, long Depth)
    {
        public static Load Of(GuestEvent e) => new(e.Text("operation")!, e.Text("order")!, e.Number("requestBytes")!.Value, e.Number("depth")!.Value);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Order} {Operation} {RequestBytes >> 10} KiB, depth {Depth}");
    }

    private sealed record Speed(double BytesPerSecond, double RequestsPerSecond)
    {
        public static Speed Of(GuestEvent e)
        {
            var perSecond = e.Number("requests")!.Value / (e.Number("ns")!.Value / 1e9);
            return new Speed(perSecond * e.Number("requestBytes")!.Value, perSecond);
        }
    }
}
