using System.Text;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;

namespace GuestOS.Bench.Tests;

/// <summary>What the command <c>hyperv</c> makes of what it measured.</summary>
public sealed class HyperVRunsTests
{
    [Fact]
    public void Linuxs_start_is_read_from_its_log()
    {
        var start = HyperVRuns.StartOf(Lines("[    1.250000] hv_vmbus: Vmbus version:4.0", "[    1.500000] hv_balloon: Using Dynamic Memory protocol version 2.0"));
        Assert.Equal(new HyperVStart(1250, 1500), start);
    }

    [Theory]
    [InlineData("hv_vmbus: Vmbus version:4.0")]
    [InlineData("[    1.250000] hv_vmbus: Unknown GPADL")]
    public void A_log_without_the_line_or_its_time_is_an_error_that_shows_it(string line)
    {
        var error = Assert.Throws<ToolException>(() => HyperVRuns.StartOf(Lines(line)));
        Assert.Contains("Vmbus version", error.Message, StringComparison.Ordinal);
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Goals_are_judged_by_medians_of_pairs()
    {
        var good = Figures(new HyperVSample(new HyperVStart(100, 110), 300, 12, 20, 10.5, 1.9, [new BalloonRound(500, 400), new BalloonRound(600, 500)]));
        Assert.All(good, met => Assert.True(met.Value, met.Key));
        Assert.Equal(7, good.Count);

        var bad = Figures(new HyperVSample(new HyperVStart(101, 111), 4600, 13, 20, 10.5, 2, [new BalloonRound(399, 299), new BalloonRound(399, 299)]));
        Assert.All(bad, met => Assert.False(met.Value, met.Key));
        Assert.Equal(good.Keys, bad.Keys);
    }

    private static Dictionary<string, bool> Figures(HyperVSample ours)
    {
        var theirs = new HyperVSample(new HyperVStart(1000, 1100), 45000, 30, 30, 10.5, 9, [new BalloonRound(400, 300), new BalloonRound(400, 300)]);
        return HyperVRuns.FiguresOf([ours.Start], [theirs.Start], [ours], [theirs])
            .Where(figure => figure.Goal is not null)
            .ToDictionary(figure => figure.Name, figure => figure.IsMet!.Value);
    }

    private static IReadOnlyList<GuestEvent> Lines(params string[] lines)
    {
        var log = new EventLog();
        foreach (var line in lines)
            log.Feed(Encoding.UTF8.GetBytes($$"""{"t":0,"event":"printk","line":"{{line}}"}""" + "\n"));
        return log.Of("printk");
    }
}
