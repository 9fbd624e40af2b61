using System.CommandLine;
using System.Globalization;
using GuestOS.Bench.Figures;
using GuestOS.Boot.Commands;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>What every command has: repetitions and the report.</summary>
internal class ReportOptions
{
    private readonly Option<int> _repetitions;
    private readonly Option<string?> _json = new("--json") { Description = "Write the figures with every single value here.", HelpName = "FILE" };

    /// <summary>Declares the options.</summary>
    /// <param name="command">The command that gets them.</param>
    /// <param name="repetitions">Runs when the option is not given.</param>
    /// <param name="description">What a run is.</param>
    public ReportOptions(Command command, int repetitions, string description)
    {
        _repetitions = CommonOptions.Ranged("--repetitions", description, "N", repetitions, 1, 1000);
        command.Options.Add(_repetitions);
        command.Options.Add(_json);
    }

    public int Repetitions(ParseResult result) => result.GetValue(_repetitions);

    /// <summary>Runs and shows how far it is.</summary>
    public async Task RepeatAsync(Toolbox tools, ParseResult result, Func<Task> run)
    {
        var count = Repetitions(result);
        for (var i = 1; i <= count; i++)
        {
            tools.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Run {i} of {count}"));
            await run().ConfigureAwait(false);
        }
    }

    /// <summary>Shows and saves the report.</summary>
    public async Task FinishAsync(Toolbox tools, ParseResult result, Report report, CancellationToken cancellationToken)
    {
        report.Print(tools.Console);
        if (result.GetValue(_json) is { } path)
            await report.SaveAsync(Path.GetFullPath(path), cancellationToken).ConfigureAwait(false);
    }
}
