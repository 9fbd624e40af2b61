using System.CommandLine;
using System.CommandLine.Invocation;
using GuestOS.Bench.Commands;

namespace GuestOS.Bench;

/// <summary>The benchmark program: <c>boot</c>, <c>ata</c>, <c>tulip</c>, <c>hyperv</c>; <c>ring</c> by itself; <c>storage</c> and <c>network</c> on the simulated host.</summary>
internal static class Program
{
    /// <summary>Time that a command gets to stop its machines and remove its files when it is interrupted.</summary>
    private static readonly TimeSpan CleanupTime = TimeSpan.FromSeconds(15);

    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Figures of GuestOS beside those of a stock Debian kernel, on the same machine, in turns.")
        {
            new BootCommand(),
            new AtaCommand(),
            new TulipCommand(),
            new HyperVCommand(),
            new RingCommand(),
            new StorageBenchCommand(),
            new NetworkBenchCommand(),
        };
        var command = root.Parse(args);
        if (command.Action is ParseErrorAction report)
            report.ShowHelp = false;
        return command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CleanupTime });
    }
}
