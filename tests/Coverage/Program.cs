using System.CommandLine.Invocation;

namespace GuestOS.Coverage;

/// <summary>The coverage program.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var command = new CoverageCommand().Parse(args);
        if (command.Action is ParseErrorAction report)
            report.ShowHelp = false;
        return command.InvokeAsync();
    }
}
