using System.CommandLine;
using System.CommandLine.Invocation;
using GuestOS.Boot.Commands;

namespace GuestOS.Boot;

/// <summary>The command-line tool: <c>run</c>, <c>image</c>, <c>smoke</c>, <c>lab</c>, <c>prerequisites</c>.</summary>
internal static class Program
{
    private static readonly string[] HelpAndVersion = ["-h", "--help", "-?", "/?", "/h", "--version"];

    /// <summary>Time that a command gets to stop its machines and remove its files when it is interrupted.</summary>
    private static readonly TimeSpan CleanupTime = TimeSpan.FromSeconds(15);

    /// <summary>The command line's grammar.</summary>
    internal static RootCommand CreateRoot() => new("GuestOS: a C# kernel on the stock .NET runtime. Without a command: run.")
    {
        new RunCommand(),
        new ImageCommand(),
        new SmokeCommand(),
        new LabCommand(),
        new PrerequisitesCommand(),
    };

    private static Task<int> Main(string[] args)
    {
        var command = CreateRoot().Parse(WithDefaultCommand(args));

        // A typing error is answered by a line about it, not by a page of help that pushes that line off the screen.
        if (command.Action is ParseErrorAction report)
            report.ShowHelp = false;
        return command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CleanupTime });
    }

    /// <summary>Without a command, or with options alone, <c>run</c> is meant.</summary>
    internal static string[] WithDefaultCommand(string[] args)
    {
        var isRun = args.Length == 0 || (args[0].StartsWith('-') && !HelpAndVersion.Contains(args[0]));
        return isRun ? ["run", .. args] : args;
    }
}
