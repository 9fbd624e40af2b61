using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Bench.Runs;

/// <summary>Runs both kernels on Hyper-V's interface in turns.</summary>
/// <param name="host">Where they run; prepared.</param>
/// <param name="kernel">Path of our ELF.</param>
/// <param name="peer">The Debian kernel.</param>
/// <param name="plan">How much is measured.</param>
internal sealed class HyperVRuns(IHost host, string kernel, LabPeer peer, HyperVPlan plan)
{
    private const double PicosecondsPerNanosecond = 1e3;
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(180);

    /// <summary>Linux's driver holds its first report back for 45 s (drivers/hv/hv_balloon.c, pressure_report_delay).</summary>
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(150);

    private readonly List<HyperVStart> _ourStarts = [];
    private readonly List<HyperVStart> _theirStarts = [];
    private readonly List<HyperVSample> _ours = [];
    private readonly List<HyperVSample> _theirs = [];

    /// <summary>One start of each, no more.</summary>
    public async Task AddStartPairAsync(CancellationToken cancellationToken)
    {
        var ours = await MachineRun.StartAsync(host, Ours(""), cancellationToken).ConfigureAwait(false);
        await using (ours.ConfigureAwait(false))
            _ourStarts.Add(await OurStartAsync(ours, cancellationToken).ConfigureAwait(false));
        var theirs = await MachineRun.StartAsync(host, Theirs(), cancellationToken).ConfigureAwait(false);
        await using (theirs.ConfigureAwait(false))
            _theirStarts.Add(await TheirStartAsync(theirs, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>One whole run of each: a machine with status reports, then one for the balloon.</summary>
    public async Task AddPairAsync(CancellationToken cancellationToken)
    {
        var ours = await RunAsync(Ours(SelfTests()), OurStartAsync, cancellationToken).ConfigureAwait(false);
        _ours.Add(ours with { Rounds = await BalloonAsync(Ours(""), OurStartAsync, cancellationToken).ConfigureAwait(false) });
        _ourStarts.Add(_ours[^1].Start);
        var theirs = await RunAsync(Theirs(), TheirStartAsync, cancellationToken).ConfigureAwait(false);
        _theirs.Add(theirs with { Rounds = await BalloonAsync(Theirs(), TheirStartAsync, cancellationToken).ConfigureAwait(false) });
        _theirStarts.Add(_theirs[^1].Start);
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures() => FiguresOf(_ourStarts, _theirStarts, _ours, _theirs);

    /// <summary>What runs say, pair by pair.</summary>
    public static IEnumerable<Figure> FiguresOf(
        IReadOnlyList<HyperVStart> ourStarts, IReadOnlyList<HyperVStart> theirStarts, IReadOnlyList<HyperVSample> ours, IReadOnlyList<HyperVSample> theirs)
    {
        const double tenth = 0.1, nearBare = 1.2, fewInterrupts = 2;
        yield return Pair("kernel entry to VMBus connected", "ms", ourStarts, theirStarts, start => start.Connected, Goal.RatioAtMost(tenth));
        yield return Pair("kernel entry to dynamic memory agreed", "ms", ourStarts, theirStarts, start => start.Agreed, Goal.RatioAtMost(tenth));
        yield return Pair("first character to first balloon status at the host", "ms", ours, theirs, run => run.FirstStatus, Goal.RatioAtMost(tenth));
        yield return Pair("clock read", "ns", ours, theirs, run => run.ClockRead, null) with { PeerNote = "clock_gettime" };
        yield return Pair("clock read by the C library", "ns", ours, theirs, run => run.LibraryRead, null);
        yield return Pair("bare TSC read and multiplication", "ns", ours, theirs, run => run.BareRead, null);
        yield return Pair("clock read over the bare one", "", ours, theirs, run => run.ClockRead / run.BareRead, Goal.AtMost(nearBare, "")) with { PeerNote = "clock_gettime" };
        yield return Pair("interrupts while idle", "/s", ours, theirs, run => run.InterruptsPerSecond, Goal.Below(fewInterrupts, "/s"));
        var (ourRounds, theirRounds) = (ours.SelectMany(run => run.Rounds).ToList(), theirs.SelectMany(run => run.Rounds).ToList());
        yield return Pair("balloon inflate", "MiB/s", ourRounds, theirRounds, round => round.Inflate, Goal.RatioAtLeast(1));
        yield return Pair("balloon deflate", "MiB/s", ourRounds, theirRounds, round => round.Deflate, Goal.RatioAtLeast(1));
    }

    private static Figure Pair<T>(string name, string unit, IEnumerable<T> ours, IEnumerable<T> theirs, Func<T, double> value, Goal? goal) =>
        new(name, unit, new Series(ours.Select(value))) { Peer = new Series(theirs.Select(value)), Goal = goal };

    private async Task<HyperVSample> RunAsync(MachineSpec machine, Func<MachineRun, CancellationToken, Task<HyperVStart>> start, CancellationToken cancellationToken)
    {
        var run = await MachineRun.StartAsync(host, machine, cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            var started = await start(run, cancellationToken).ConfigureAwait(false);
            var clock = await run.WaitAsync("clock", BootLimit, cancellationToken).ConfigureAwait(false);
            var idle = await run.WaitAsync("idle", BootLimit + TimeSpan.FromSeconds(plan.IdleSeconds), cancellationToken).ConfigureAwait(false);
            if (!clock.IsOk || !idle.IsOk)
                throw new ToolException($"{machine.Name}: {(clock.IsOk ? idle : clock)}");
            var status = await run.WaitForMonitorAsync(HyperVMonitor.StatusReported, StatusLimit, cancellationToken).ConfigureAwait(false);
            var entry = run.FirstText ?? throw new ToolException($"{machine.Name}: nothing came on COM1.");
            return new HyperVSample(
                started,
                (status - entry).TotalMilliseconds,
                Number(clock, clock.Number("readPs") is null ? "libraryPs" : "readPs") / PicosecondsPerNanosecond,
                Number(clock, "libraryPs") / PicosecondsPerNanosecond,
                Number(clock, "barePs") / PicosecondsPerNanosecond,
                Number(idle, "interrupts") / (double)Number(idle, "seconds"),
                []);
        }
    }

    /// <summary>Rounds of the balloon on a machine of their own.</summary>
    private async Task<IReadOnlyList<BalloonRound>> BalloonAsync(
        MachineSpec machine, Func<MachineRun, CancellationToken, Task<HyperVStart>> start, CancellationToken cancellationToken)
    {
        var run = await MachineRun.StartAsync(host, machine, cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            await start(run, cancellationToken).ConfigureAwait(false);
            var load = new BalloonLoad(run.Monitor ?? throw new ToolException("The host's machines have no monitor."), () => run.HostMessages, plan, TimeProvider.System);
            List<BalloonRound> rounds = [];
            try
            {
                await load.PrepareAsync(cancellationToken).ConfigureAwait(false);
                while (rounds.Count < plan.Rounds)
                    rounds.Add(await load.RunAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (ToolException e)
            {
                var exit = await run.TryGetExitAsync(cancellationToken).ConfigureAwait(false);
                throw new ToolException($"{machine.Name}: {(exit is null ? e.Message : $"{exit}, after {rounds.Count} rounds of the balloon.")}\n{run.LastWords()}", e);
            }

            return rounds;
        }
    }

    private static async Task<HyperVStart> OurStartAsync(MachineRun run, CancellationToken cancellationToken)
    {
        var connected = await run.WaitAsync("vmbus", BootLimit, cancellationToken).ConfigureAwait(false);
        if (connected.Text("state") != "connected")
            throw new ToolException($"GuestOS is not connected to VMBus: {connected}");
        var agreed = await run.WaitAsync("balloon", BootLimit, cancellationToken).ConfigureAwait(false);
        return new HyperVStart(connected.Time / 1e6, agreed.Time / 1e6);
    }

    private static async Task<HyperVStart> TheirStartAsync(MachineRun run, CancellationToken cancellationToken)
    {
        await run.WaitAsync(LabPeer.ConnectedEvent, BootLimit, cancellationToken).ConfigureAwait(false);
        return StartOf(run.Events.Of(LabPeer.LogEvent));
    }

    /// <summary>The times in Linux's log.</summary>
    /// <param name="lines">Events of lines of the log.</param>
    public static HyperVStart StartOf(IReadOnlyList<GuestEvent> lines)
    {
        return new HyperVStart(TimeOf(LabPeer.VmBusText), TimeOf(LabPeer.BalloonText));

        double TimeOf(string text) =>
            lines.Select(e => e.Text("line") ?? "").Where(line => line.Contains(text, StringComparison.Ordinal)).Select(PrintkTime.Parse).FirstOrDefault() is { } seconds
                ? seconds * 1e3
                : throw new ToolException($"Linux logged no \"{text}\" with its time: {string.Join("; ", lines.Select(e => e.Text("line")))}");
    }

    private static long Number(GuestEvent item, string member) => item.Number(member) ?? throw new ToolException($"The event has no {member}: {item}");

    private string SelfTests() => string.Create(CultureInfo.InvariantCulture, $"guestos.test=clock:1,idle:{plan.IdleSeconds}");

    /// <summary>As quiet as Debian's.</summary>
    private MachineSpec Ours(string append) => Both("bench-hyperv-guestos", kernel, $"quiet {append}");

    private MachineSpec Theirs() => Both("bench-hyperv-debian", peer.Guest.Kernel, LinuxPeer.CommandLine) with { Initrd = peer.Guest.Initramfs };

    private MachineSpec Both(string name, string path, string append) => new()
    {
        Name = name,
        Boot = new BootMedium(path, ImageFormat.Elf),
        Cpus = 1,
        MemoryMiB = plan.MemoryMiB,
        Append = append,
        HasDisplay = false,
        Hypervisor = HypervisorSpec.HyperV,
    };
}
