using System.Buffers.Binary;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke.Link;

namespace GuestOS.Bench.Runs;

/// <summary>Loads the network adapter under both kernels in turns, with the same other end of the cable.</summary>
/// <param name="machines">The machines; the Debian one's initramfs carries the load program.</param>
/// <param name="work">Where the cable's socket is.</param>
/// <param name="memory">Memory of both in MiB.</param>
/// <param name="frames">Frames of each load.</param>
internal sealed class TulipRuns(Machines machines, WorkFolder work, int memory, uint frames)
{
    /// <summary>Frames of a guest that may be on their way.</summary>
    public const ushort SendWindow = 512;

    /// <summary>Frames to a guest that may be on their way: half of the receive ring of either driver.</summary>
    public const ushort ReceiveWindow = 64;

    /// <summary>What follows the program's name in the Debian machine.</summary>
    public const string PeerArguments = "link eth0";

    private const ulong Seed = 1;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan FrameLimit = TimeSpan.FromMilliseconds(10);
    private static readonly Load[] Loads = [new(true, 1514), new(true, 60), new(false, 1514), new(false, 60)];

    private readonly List<IReadOnlyDictionary<Load, Speed>> _ours = [];
    private readonly List<IReadOnlyDictionary<Load, Speed>> _debian = [];

    /// <summary>One run of each.</summary>
    public async Task AddPairAsync(CancellationToken cancellationToken)
    {
        _ours.Add(await RunAsync(machines.Ours(memory, "guestos.test=link:tulip0 guestos.exit=halt"), cancellationToken).ConfigureAwait(false));
        _debian.Add(await RunAsync(machines.Debian(memory), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures()
    {
        foreach (var load in Loads)
        {
            yield return new Figure($"{load}, frames/s", "/s", Of(_ours, load, speed => speed.FramesPerSecond))
            {
                Peer = Of(_debian, load, speed => speed.FramesPerSecond),
                Goal = Goal.RatioAtLeast(1),
            };
            yield return new Figure($"{load}, interrupts per frame", "", Of(_ours, load, speed => speed.InterruptsPerFrame))
            {
                Peer = Of(_debian, load, speed => speed.InterruptsPerFrame),
            };
        }
    }

    private static Series Of(IEnumerable<IReadOnlyDictionary<Load, Speed>> runs, Load load, Func<Speed, double> value) =>
        new(runs.Select(run => value(run[load])));

    private async Task<IReadOnlyDictionary<Load, Speed>> RunAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var path = work.File("link.sock");
        File.Delete(path);
        var peer = new LinkPeer(path);
        await using (peer.ConfigureAwait(false))
        {
            var run = await MachineRun.StartAsync(machine with { Network = new NetworkAdapter(path) }, cancellationToken).ConfigureAwait(false);
            await using (run.ConfigureAwait(false))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(StartLimit + (FrameLimit * frames * Loads.Length));
                try
                {
                    var speeds = await TalkAsync(peer, limit.Token).ConfigureAwait(false);
                    await run.WaitAsync("exit", StartLimit, cancellationToken).ConfigureAwait(false);
                    return speeds;
                }
                catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    throw new ToolException($"{machine.Name}: the load did not end: {e.Message}\n{run.Text}", e);
                }
            }
        }
    }

    private async Task<IReadOnlyDictionary<Load, Speed>> TalkAsync(LinkPeer peer, CancellationToken cancellationToken)
    {
        await peer.AcceptAsync(cancellationToken).ConfigureAwait(false);
        await peer.NextAnnouncementAsync(cancellationToken).ConfigureAwait(false);
        var speeds = new Dictionary<Load, Speed>();
        foreach (var load in Loads)
        {
            var plan = load.FromGuest ? new LinkBurstPlan(frames, 0) { Window = SendWindow } : new LinkBurstPlan(0, frames) { Window = ReceiveWindow };
            var burst = new LinkBurst(peer, plan with { Size = load.Size }, Seed);
            var report = await burst.RunAsync(cancellationToken).ConfigureAwait(false);
            var arrived = load.FromGuest ? burst.Received : LinkProtocol.Read32(report, 18);
            if (burst.Fault is not null || arrived != frames)
                throw new ToolException($"{load}: {arrived} of {frames} frames arrived; {burst.Fault}");
            speeds[load] = new Speed(frames / burst.Time.TotalSeconds, BinaryPrimitives.ReadUInt64BigEndian(report.AsSpan(46)) / (double)frames);
        }

        await peer.AskAsync(LinkKind.End, LinkProtocol.Shortest, null, cancellationToken).ConfigureAwait(false);
        return speeds;
    }

    private sealed record Load(bool FromGuest, ushort Size)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(FromGuest ? "send" : "receive")} {Size} bytes");
    }

    private sealed record Speed(double FramesPerSecond, double InterruptsPerFrame);
}
