using System.CommandLine;
using GuestOS.Bench.Figures;
using GuestOS.Bench.Peer;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>The <c>boot</c> command: times of starts, least memory, sizes of images.</summary>
internal sealed class BootCommand : Command
{
    private const long DiskSize = 64 << 20;
    private const double Million = 1e6;
    private static readonly TimeSpan OursLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DebianLimit = TimeSpan.FromSeconds(60);

    private readonly BenchOptions _options;
    private readonly Option<bool> _timesOnly = new("--times-only") { Description = "Leave out the search for the least memory and the sizes." };

    /// <summary>Declares the command.</summary>
    public BootCommand()
        : base("boot", "Times of starts, least memory, sizes of images.")
    {
        _options = new BenchOptions(this, repetitions: 7);
        Options.Add(_timesOnly);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var timesOnly = result.GetValue(_timesOnly);
        var kernel = await _options.PrepareAsync(tools, result, timesOnly ? Job.None : Job.BuildIso, cancellationToken).ConfigureAwait(false);
        using var work = new WorkFolder();
        var peer = await LinuxPeer.CreateAsync(tools.Repository, work, PeerDevice.Disk, null, cancellationToken).ConfigureAwait(false);
        var disk = work.File("disk.img");
        await using (var file = File.Create(disk))
            file.SetLength(DiskSize);

        var state = new HostState();
        var machines = new Machines(kernel, peer, disk);
        var memory = _options.Memory(result);
        var runs = new BootRuns(machines, memory);
        await _options.RepeatAsync(tools, result, () => runs.AddPairAsync(cancellationToken)).ConfigureAwait(false);
        List<Figure> figures = [.. runs.Figures()];
        if (!timesOnly)
        {
            figures.Add(await LeastMemoryAsync(tools, machines, cancellationToken).ConfigureAwait(false));
            figures.AddRange(await SizesAsync(kernel, peer, work, tools, cancellationToken).ConfigureAwait(false));
        }

        string[] notes =
        [
            await BenchOptions.DescribeEmulatorAsync(memory, BenchOptions.IdeDisk, cancellationToken).ConfigureAwait(false),
            $"Debian: {peer.Version}, options \"{LinuxPeer.CommandLine}\", initramfs (not compressed) of static busybox and modules for IDE disks.",
            "Kernel entry: ours is the first instruction, by the kernel's own clock; Debian's the first character on COM1, which the kernel writes when it has been decompressed, by the host's clock. Its decompression is thus not held against it; power on to /init has it.",
            "ready: all drivers bound, the disk found, the console answers. /init: the first line of its first program, before any module is loaded. Power on: the host's clock, firmware included.",
            state.Describe(),
        ];
        await _options.FinishAsync(tools, result, new Report("Boot", notes, figures), cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static async Task<Figure> LeastMemoryAsync(Toolbox tools, Machines machines, CancellationToken cancellationToken)
    {
        tools.Console.WriteLine("Least memory");
        var ours = await LeastMemory.FindAsync(size => machines.Ours(size, "guestos.exit=debug-port"), "ready", 4, 64, OursLimit, cancellationToken).ConfigureAwait(false);
        var debian = await LeastMemory.FindAsync(machines.Debian, "disk", 16, 256, DebianLimit, cancellationToken).ConfigureAwait(false);
        return new Figure("least memory that boots", "MiB", new Series(ours)) { Peer = new Series(debian), Goal = Goal.AtMost(24, "MiB") };
    }

    private static async Task<IEnumerable<Figure>> SizesAsync(
        string kernel, LinuxPeer peer, WorkFolder work, Toolbox tools, CancellationToken cancellationToken)
    {
        var iso = work.File("guestos.iso");
        var bytes = await File.ReadAllBytesAsync(kernel, cancellationToken).ConfigureAwait(false);
        await new ImageBuilder(tools.Repository).WriteAsync(bytes, ImageFormat.Iso, "", iso, cancellationToken).ConfigureAwait(false);
        var debian = new Series(peer.ImageSize / Million);
        return
        [
            new Figure("ELF, stripped", "MB", new Series(bytes.Length / Million)) { Peer = debian, PeerNote = "vmlinuz + initramfs.gz", Goal = Goal.AtMost(5, "MB") },
            new Figure("ISO", "MB", new Series(new FileInfo(iso).Length / Million)) { Peer = debian, PeerNote = "vmlinuz + initramfs.gz", Goal = Goal.AtMost(16, "MB") },
        ];
    }
}
