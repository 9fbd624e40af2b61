using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Boot.Build;
using GuestOS.Boot.Commands;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>What the commands share: options, the kernel, the report.</summary>
internal sealed class BenchOptions
{
    /// <summary>For <see cref="DescribeEmulatorAsync"/>: the measured disk.</summary>
    public const string IdeDisk = "one raw disk on IDE, default cache mode";

    private readonly Option<int> _repetitions;
    private readonly Option<int> _memory;
    private readonly Option<string?> _json = new("--json") { Description = "Write the figures with every single value here.", HelpName = "FILE" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "Measure this ELF instead of one built from the sources.", HelpName = "FILE" };

    /// <summary>Declares the options.</summary>
    /// <param name="command">The command that gets them.</param>
    /// <param name="repetitions">Runs of each kernel when the option is not given.</param>
    /// <param name="memory">Memory of the machines in MiB when the option is not given.</param>
    public BenchOptions(Command command, int repetitions, int memory = 256)
    {
        _memory = CommonOptions.Memory(memory);
        _repetitions = CommonOptions.Ranged("--repetitions", "Runs of each kernel, in turns.", "N", repetitions, 1, 1000);
        foreach (var option in new Option[] { _repetitions, _memory, _json, _kernel })
            command.Options.Add(option);
    }

    public int Repetitions(ParseResult result) => result.GetValue(_repetitions);

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

    /// <summary>Runs pairs and shows how far it is.</summary>
    public async Task RepeatAsync(Toolbox tools, ParseResult result, Func<Task> pair)
    {
        var count = Repetitions(result);
        for (var i = 1; i <= count; i++)
        {
            tools.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Run {i} of {count}"));
            await pair().ConfigureAwait(false);
        }
    }

    /// <summary>Shows and saves the report.</summary>
    public async Task FinishAsync(Toolbox tools, ParseResult result, Report report, CancellationToken cancellationToken)
    {
        report.Print(tools.Console);
        if (result.GetValue(_json) is { } path)
            await report.SaveAsync(Path.GetFullPath(path), cancellationToken).ConfigureAwait(false);
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
