using System.CommandLine;
using GuestOS.Boot.Build;
using GuestOS.Boot.Commands;
using Spectre.Console;

namespace GuestOS.Coverage;

/// <summary>Runs the tests of drivers and services, and tells which lines of these ran. A failed test is an error, after the report.</summary>
internal sealed class CoverageCommand : RootCommand
{
    /// <summary>Tests that drivers and services run in.</summary>
    private static readonly string[] Projects =
        ["Drivers.Ata.Tests", "Drivers.Tulip.Tests", "Drivers.VmBus.Tests", "Drivers.Synthetic.Tests", "Services.Tests", "Kernel.Tests", "Sandbox.Tests", "Fuzz.Tests"];

    private readonly Option<string?> _results = new("--results") { Description = "Run nothing; read the reports that a test run has left below this folder.", HelpName = "DIR" };
    private readonly Option<bool> _missed = new("--missed") { Description = "List the lines that never ran." };

    /// <summary>Declares the command.</summary>
    public CoverageCommand()
        : base("Lines of drivers and services that the tests run, by assembly.")
    {
        Options.Add(_results);
        Options.Add(_missed);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult result, CancellationToken cancellationToken)
    {
        var folder = result.GetValue(_results) ?? DefaultFolder(tools);
        var failures = result.GetValue(_results) is null ? await TestAsync(tools, folder, cancellationToken).ConfigureAwait(false) : [];
        var data = Read(folder);
        CoverageReport.Print(tools.Console, data);
        if (result.GetValue(_missed))
            CoverageReport.PrintMissed(tools.Console, data);
        return failures.Count == 0 ? 0 : throw new ToolException(string.Join('\n', failures));
    }

    /// <summary>Merges every report below a folder.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static CoverageData Read(string folder)
    {
        var data = new CoverageData();
        var reports = Directory.Exists(folder) ? Directory.GetFiles(folder, "coverage.cobertura.xml", SearchOption.AllDirectories) : [];
        if (reports.Length == 0)
            throw new ToolException($"There is no coverage report below {folder}.");
        foreach (var report in reports)
            data.Add(report);
        return data;
    }

    private static string DefaultFolder(Toolbox tools) => Path.Combine(tools.Repository.Artifacts, "coverage");

    /// <summary>Runs every project, those after a failure too, and says which failed.</summary>
    private static async Task<List<string>> TestAsync(Toolbox tools, string folder, CancellationToken cancellationToken)
    {
        var tests = Path.Combine(tools.Repository.Root, "tests");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        List<string> failures = [];
        foreach (var project in Projects)
        {
            tools.Console.WriteLine($"Testing {project}");
            string[] arguments =
            [
                "test", Path.Combine(tests, project), "--nologo", "--settings", Path.Combine(tests, "Coverage", "coverage.runsettings"),
                "--results-directory", Path.Combine(folder, project),
            ];
            try
            {
                await ToolProcess.RunAsync("dotnet", arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (ToolException e)
            {
                failures.Add($"{project}: {e.Message}");
            }
        }

        return failures;
    }
}
