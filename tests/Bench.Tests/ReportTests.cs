using System.Text.Json;
using GuestOS.Bench.Figures;
using Spectre.Console;

namespace GuestOS.Bench.Tests;

/// <summary>The report, for people and for programs.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_peer_has_its_name_and_a_report_without_one_no_column_for_it()
    {
        var alone = new Figure("alone", "ns", new Series([1, 3])) { Goal = Goal.Below(2, "ns") };
        var pair = new Figure("pair", "", new Series(4)) { Peer = new Series(2) };
        Assert.Equal(["figure", "GuestOS", "goal", "met"], Headings(new Report("T", [], [alone])));
        Assert.Equal(["figure", "GuestOS", "memcpy", "ratio", "goal", "met"], Headings(new Report("T", [], [alone, pair]) { PeerName = "memcpy" }));
    }

    [Fact]
    public async Task The_file_has_every_value()
    {
        var report = new Report("T", ["note"], [new Figure("pair", "ns", new Series([4, 6])) { Peer = new Series([2, 2]), PeerNote = "near", Goal = Goal.RatioAtMost(2) }]);
        await (report with { PeerName = "memcpy" }).SaveAsync(_file, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(_file, TestContext.Current.CancellationToken));
        var figure = json.RootElement.GetProperty("figures")[0];
        Assert.Equal(5, figure.GetProperty("guestos").GetProperty("median").GetDouble());
        Assert.Equal([2, 2], figure.GetProperty("memcpy").GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal("near", figure.GetProperty("memcpyNote").GetString());
        Assert.Equal(3, figure.GetProperty("ratio").GetProperty("most").GetDouble());
        Assert.False(figure.GetProperty("met").GetBoolean());
    }

    private static string[] Headings(Report report)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        report.Print(console);
        var line = output.ToString().Split('\n').First(line => line.Contains("figure", StringComparison.Ordinal));
        return line.Split('│', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
