using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Build;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>The <c>hyperv</c> command: VMBus, clock, idle time and dynamic memory in the lab.</summary>
internal sealed class HyperVCommand : Command
{
    /// <summary>Below this both guests have to keep more than half of their memory.</summary>
    private const int LeastMemoryMiB = 640;

    private readonly BenchOptions _options;
    private readonly Option<int> _starts = CommonOptions.Ranged("--starts", "Further starts of each kernel, for the times of starts alone.", "N", 3, 0, 1000);
    private readonly Option<int> _idle = CommonOptions.Ranged("--idle", "Seconds for which interrupts are counted.", "S", 15, 1, 3600);
    private readonly Option<int> _rounds = CommonOptions.Ranged("--rounds", "How often half of the memory goes to the host and back in a run.", "N", 5, 1, 10_000);

    /// <summary>Declares the command.</summary>
    public HyperVCommand()
        : base("hyperv", "Hyper-V's interface in the lab: start of VMBus and dynamic memory, clock, interrupts while idle, speed of the balloon. A run of both takes some four minutes, since QEMU asks for memory 50 s after the start and Linux sends its first report after 45.")
    {
        _options = new BenchOptions(this, repetitions: 1, memory: 1024);
        foreach (var option in new[] { _starts, _idle, _rounds })
            Options.Add(option);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var plan = new HyperVPlan(_options.Memory(result), result.GetValue(_idle), result.GetValue(_rounds));
        if (plan.MemoryMiB < LeastMemoryMiB)
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"Of {plan.MemoryMiB} MiB a guest does not give half to the host; --memory takes {LeastMemoryMiB} or more here."));
        var kernel = await _options.PrepareAsync(tools, result, Job.BuildKernel | Job.Lab, cancellationToken).ConfigureAwait(false);
        tools.Console.WriteLine("Building the peer's load program");
        var load = await LoadProgram.BuildAsync(tools, cancellationToken).ConfigureAwait(false);
        var host = new LabHost();
        await tools.PrepareAsync(host, cancellationToken).ConfigureAwait(false);
        using var work = new WorkFolder();
        var peer = await LabPeer.CreateAsync(work, load, plan.IdleSeconds, cancellationToken).ConfigureAwait(false);

        var state = new HostState();
        var runs = new HyperVRuns(host, kernel, peer, plan);
        var starts = result.GetValue(_starts);
        for (var i = 1; i <= starts; i++)
        {
            tools.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Start {i} of {starts}"));
            await runs.AddStartPairAsync(cancellationToken).ConfigureAwait(false);
        }

        await _options.RepeatAsync(tools, result, () => runs.AddPairAsync(cancellationToken)).ConfigureAwait(false);
        var report = new Report("Hyper-V", Notes(host, peer, plan, state), [.. runs.Figures()]);
        await _options.FinishAsync(tools, result, report, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static string[] Notes(LabHost host, LabPeer peer, HyperVPlan plan, HostState state) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"Both: QEMU of Debian 13 on KVM ({(host.WhyNotNative is null ? "this machine's" : "of a machine that is itself emulated")}), cpu host with {string.Join(", ", Enlightenment.Standard)}, vmbus-bridge, hv-balloon, 1 processor, {plan.MemoryMiB} MiB, direct boot (-kernel)."),
        $"Debian: {peer.Version}, options \"{LinuxPeer.CommandLine}\", initramfs (not compressed) that loads hv_vmbus and hv_balloon first.",
        "Kernel entry: ours is the first instruction, by the kernel's own clock. Debian's is the zero of its log, which its clock leaves some moments after the kernel was decompressed: these, like the decompression, are not held against it.",
        "First character to first balloon status: from the first character on COM1 to the report's arrival at QEMU's monitor, by this machine's clock. Debian's driver holds its first report back for 45 s; ours reports at once.",
        "Clock read: ours as kernel and drivers read it. Each is the fastest of 64 batches of 500 readings.",
        string.Create(CultureInfo.InvariantCulture, $"Interrupts while idle: {plan.IdleSeconds} s, all vectors, status reports to the host included, which is one a second."),
        string.Create(CultureInfo.InvariantCulture, $"Balloon: {plan.MovedMiB} MiB and back, {plan.Rounds} times a run, from the moment at which the guest can see the request until QEMU has its last answer."),
        state.Describe(),
    ];
}
