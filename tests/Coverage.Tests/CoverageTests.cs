using GuestOS.Boot.Build;
using Spectre.Console;

namespace GuestOS.Coverage.Tests;

/// <summary>Reports of several runs become one.</summary>
public sealed class CoverageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("guestos-coverage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_line_ran_when_it_ran_in_any_run_and_in_any_method()
    {
        Write("first", ("A", "a.cs", [(1, 0), (2, 0), (3, 5)]), ("A", "a.cs", [(2, 1)]));
        Write("second", ("A", "a.cs", [(1, 0), (2, 0), (3, 0), (9, 1)]), ("B", "b.cs", [(7, 1)]));
        var data = CoverageCommand.Read(_folder);
        Assert.Equal(["A", "B"], data.Assemblies.Keys);
        var lines = Assert.Single(data.Assemblies["A"].Values);
        Assert.Equal((4, 3, "1"), (lines.Count, lines.Covered, lines.Missed()));
        Assert.Equal(Path.Combine(_folder, "a.cs"), Assert.Single(data.Assemblies["A"].Keys));
    }

    [Fact]
    public void Missed_lines_are_ranges_among_those_that_hold_code()
    {
        var lines = new LineSet();
        foreach (var (line, ran) in ((int, bool)[])[(10, false), (12, false), (15, true), (16, false), (20, true), (21, false), (30, false)])
            lines.Add(line, ran);
        Assert.Equal("10-12, 16, 21-30", lines.Missed());
    }

    [Fact]
    public void The_table_judges_by_the_goal_and_never_rounds_up_to_it()
    {
        Write("run", ("Good", "a.cs", [.. Lines(1000, ran: 900)]), ("Bad", "b.cs", [.. Lines(10_000, ran: 8999)]));
        var text = Print(CoverageCommand.Read(_folder));
        Assert.Contains("│ Good     │ 1000  │ 900     │ 90 %   │ ≥ 90 % │ yes │", text, StringComparison.Ordinal);
        Assert.Contains("│ Bad      │ 10000 │ 8999    │ 89.9 % │ ≥ 90 % │ no  │", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no xml")]
    [InlineData("<coverage><packages><package/></packages></coverage>")]
    [InlineData("<coverage><packages><package name='A'><classes><class filename='a'><lines><line number='x' hits='1'/></lines></class></classes></package></packages></coverage>")]
    public void What_is_no_report_is_named(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "coverage.cobertura.xml"), text);
        Assert.Contains(_folder, Assert.Throws<ToolException>(() => CoverageCommand.Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_reports_is_an_error()
    {
        Assert.Throws<ToolException>(() => CoverageCommand.Read(_folder));
        Assert.Throws<ToolException>(() => CoverageCommand.Read(Path.Combine(_folder, "absent")));
    }

    private static IEnumerable<(int Line, int Hits)> Lines(int count, int ran) => Enumerable.Range(1, count).Select(line => (line, line <= ran ? 1 : 0));

    private static string Print(CoverageData data)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 160;
        CoverageReport.Print(console, data);
        return output.ToString();
    }

    private void Write(string run, params (string Assembly, string File, (int Line, int Hits)[] Lines)[] classes)
    {
        var packages = classes.Select(one =>
        {
            File.WriteAllText(Path.Combine(_folder, one.File), "");
            var lines = string.Concat(one.Lines.Select(line => $"<line number='{line.Line}' hits='{line.Hits}'/>"));
            return $"<package name='{one.Assembly}'><classes><class name='C' filename='{one.File}'><lines>{lines}</lines></class></classes></package>";
        });
        var folder = Directory.CreateDirectory(Path.Combine(_folder, run)).FullName;
        File.WriteAllText(
            Path.Combine(folder, "coverage.cobertura.xml"),
            $"<coverage><sources><source>/nowhere</source><source>{_folder}</source></sources><packages>{string.Concat(packages)}</packages></coverage>");
    }
}
