using System.CommandLine;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>The <c>tulip</c> command: a DEC network adapter under load.</summary>
internal sealed class TulipCommand : Command
{
    private readonly BenchOptions _options;
    private readonly Option<int> _frames = CommonOptions.Ranged("--frames", "Frames of each of the four loads of a run.", "N", 50_000, 1000, 10_000_000);

    /// <summary>Declares the command.</summary>
    public TulipCommand()
        : base("tulip", "Frames and interrupts of a DEC 21143 network adapter, each way, longest and shortest frames.")
    {
        _options = new BenchOptions(this, repetitions: 7);
        Options.Add(_frames);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var frames = (uint)result.GetValue(_frames);

        // The load program needs the same compiler and linker as the kernel.
        var kernel = await _options.PrepareAsync(tools, result, Job.BuildKernel, cancellationToken).ConfigureAwait(false);
        tools.Console.WriteLine("Building the peer's load program");
        var load = await LoadProgram.BuildAsync(tools, cancellationToken).ConfigureAwait(false);
        using var work = new WorkFolder();
        var peer = await LinuxPeer
            .CreateAsync(tools.Repository, work, PeerDevice.Network, (load, TulipRuns.PeerArguments), cancellationToken).ConfigureAwait(false);

        var state = new HostState();
        var memory = _options.Memory(result);
        var runs = new TulipRuns(new Machines(kernel, peer, null), work, memory, frames);
        await _options.RepeatAsync(tools, result, () => runs.AddPairAsync(cancellationToken)).ConfigureAwait(false);
        string[] notes =
        [
            await BenchOptions.DescribeEmulatorAsync(memory, "one tulip (21143) whose cable is a stream socket to this program", cancellationToken).ConfigureAwait(false),
            $"Debian: {peer.Version}, tulip, a raw packet socket with up to 32 frames a system call (tests/Bench.Peer). Ours: self-test link, INetworkDevice, batches of up to 32 to send and 64 to receive.",
            $"Each load is {frames} frames in one direction, at most {TulipRuns.SendWindow} from the guest and {TulipRuns.ReceiveWindow} to it on their way, acknowledged by frames the other way; by this program's clock, until the program at the other end has the last one. None may be lost.",
            "Interrupts: those that the guest's driver was called for, frames that acknowledge included.",
            state.Describe(),
        ];
        await _options.FinishAsync(tools, result, new Report("Tulip", notes, [.. runs.Figures()]), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
