using System.Globalization;
using GuestOS.Boot.Build;
using Spectre.Console;

namespace GuestOS.Coverage;

/// <summary>Shows what was seen.</summary>
internal static class CoverageReport
{
    /// <summary>Share of lines that tests shall run.</summary>
    public const double Goal = 0.9;

    /// <summary>A table with a line for each assembly.</summary>
    public static void Print(IAnsiConsole console, CoverageData data)
    {
        var table = new Table { Title = new TableTitle("Coverage") };
        foreach (var heading in new[] { "assembly", "lines", "covered", "share", "goal", "met" })
            table.AddColumn(heading);
        foreach (var (name, files) in data.Assemblies)
        {
            var (count, covered) = (files.Values.Sum(file => file.Count), files.Values.Sum(file => file.Covered));
            var share = (double)covered / Math.Max(1, count);
            table.AddRow(Markup.Escape(name), Text(count), Text(covered), Percent(share), "≥ " + Percent(Goal), share >= Goal ? "yes" : "no");
        }

        console.Write(table);
    }

    /// <summary>The lines that never ran, file by file, those with the most first.</summary>
    public static void PrintMissed(IAnsiConsole console, CoverageData data)
    {
        foreach (var (path, lines) in data.Assemblies.Values.SelectMany(files => files).Where(file => file.Value.Covered < file.Value.Count).OrderByDescending(file => file.Value.Count - file.Value.Covered))
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Repository.Display(path)}: {lines.Count - lines.Covered} of {lines.Count}: {lines.Missed()}"));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => (Math.Floor(share * 1000) / 10).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
