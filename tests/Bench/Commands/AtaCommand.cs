using System.CommandLine;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>The <c>ata</c> command: an IDE disk under load.</summary>
internal sealed class AtaCommand : Command
{
    private readonly BenchOptions _options;
    private readonly Option<int> _milliseconds = CommonOptions.Ranged("--milliseconds", "Length of each of the eight loads of a run.", "MS", 1000, 10, 600_000);
    private readonly Option<int> _size = CommonOptions.Ranged("--disk", "Size of the disk in MiB.", "MIB", 64, 1, 1024);

    /// <summary>Declares the command.</summary>
    public AtaCommand()
        : base("ata", "Throughput of an IDE disk, sequential and random, reads and writes.")
    {
        _options = new BenchOptions(this, repetitions: 5);
        Options.Add(_milliseconds);
        Options.Add(_size);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var milliseconds = result.GetValue(_milliseconds);

        // The load program needs the same compiler and linker as the kernel.
        var kernel = await _options.PrepareAsync(tools, result, Job.BuildKernel, cancellationToken).ConfigureAwait(false);
        tools.Console.WriteLine("Building the peer's load program");
        var load = await LoadProgram.BuildAsync(tools, cancellationToken).ConfigureAwait(false);
        using var work = new WorkFolder();
        var peer = await LinuxPeer
            .CreateAsync(tools.Repository, work, PeerDevice.Disk, (load, AtaRuns.PeerArguments(milliseconds)), cancellationToken).ConfigureAwait(false);
        using var disk = new ScratchDisk(result.GetValue(_size) << 20);

        var state = new HostState();
        var memory = _options.Memory(result);
        var runs = new AtaRuns(new Machines(kernel, peer, disk.Path), memory, milliseconds);
        await _options.RepeatAsync(tools, result, () => runs.AddPairAsync(cancellationToken)).ConfigureAwait(false);
        string[] notes =
        [
            await BenchOptions.DescribeEmulatorAsync(memory, BenchOptions.IdeDisk, cancellationToken).ConfigureAwait(false),
            $"Debian: {peer.Version}, ata_piix, O_DIRECT; depth 1 by pread and pwrite, depth 4 by io_submit (tests/Bench.Peer). Ours: self-test atabench, IBlockDevice of the disk by DMA.",
            $"Each load lasts {milliseconds} ms by the guest's clock. The disk's file is {disk.Place}: this measures drivers and emulation, not a disk.",
            state.Describe(),
        ];
        await _options.FinishAsync(tools, result, new Report("ATA", notes, [.. runs.Figures()]), cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
