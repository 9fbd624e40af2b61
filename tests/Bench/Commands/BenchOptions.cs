using System.CommandLine;
using System.Globalization;
using GuestOS.Boot.Build;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Bench.Commands;

/// <summary>What the commands share that boot machines: their memory, and the kernel.</summary>
internal sealed class BenchOptions : ReportOptions
{
    /// <summary>For <see cref="DescribeEmulatorAsync"/>: the measured disk.</summary>
    public const string IdeDisk = "one raw disk on IDE, default cache mode";

    private readonly Option<int> _memory;
    private readonly Option<string?> _kernel = new("--kernel") { Description = "Measure this ELF instead of one built from the sources.", HelpName = "FILE" };

    /// <summary>Declares the options.</summary>
    /// <param name="command">The command that gets them.</param>
    /// <param name="repetitions">Runs of each kernel when the option is not given.</param>
    /// <param name="memory">Memory of the machines in MiB when the option is not given.</param>
    public BenchOptions(Command command, int repetitions, int memory = 256)
        : base(command, repetitions, "Runs of each kernel, in turns.")
    {
        _memory = CommonOptions.Memory(memory);
        command.Options.Add(_memory);
        command.Options.Add(_kernel);
    }

    public int Memory(ParseResult result) => result.GetValue(_memory);

    /// <summary>Gets what is missing on this machine, and the kernel to measure.</summary>
    public async Task<string> PrepareAsync(Toolbox tools, ParseResult result, Job jobs, CancellationToken cancellationToken)
    {
        if (result.GetValue(_kernel) is not { } given)
        {
            await tools.EnsureAsync(Job.BuildKernel | Job.Emulate | jobs, cancellationToken).ConfigureAwait(false);
            return await tools.BuildKernelAsync(null, cancellationToken).ConfigureAwait(false);
        }

        if (!File.Exists(given))
            throw new ToolException($"{given} does not exist.");
        await tools.EnsureAsync(Job.Emulate | jobs, cancellationToken).ConfigureAwait(false);
        return Path.GetFullPath(given);
    }

    /// <summary>The note about the machine that both kernels ran on.</summary>
    /// <param name="memory">Its memory in MiB.</param>
    /// <param name="device">What was measured.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> DescribeEmulatorAsync(int memory, string device, CancellationToken cancellationToken)
    {
        var version = await ToolProcess.RunAsync(QemuProgram.Name, ["--version"], cancellationToken: cancellationToken).ConfigureAwait(false);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Both: {version.Split('\n')[0]}, emulation (TCG), machine pc, cpu max, 1 processor, {memory} MiB, direct boot (-kernel), {device}.");
    }
}
