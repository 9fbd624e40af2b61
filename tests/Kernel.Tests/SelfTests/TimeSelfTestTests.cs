using GuestOS.Kernel.SelfTests;
using GuestOS.Kernel.SelfTests.Time;

namespace GuestOS.Kernel.Tests.SelfTests;

public sealed class TimeSelfTestTests
{
    [Fact]
    public void A_clock_that_stands_or_goes_on_is_not_taken_for_one_that_goes_back()
    {
        long now = 100;
        var readers = new ClockReaders(0, () => now++ / 3);
        for (int i = 0; i < 10; i++)
            readers.ReadRound();
        Assert.Equal((80, 0, 0), (readers.Reads, readers.Backwards, readers.WorstStep));
    }

    [Fact]
    public void A_step_back_between_rounds_is_found_and_measured()
    {
        // In ticks of Stopwatch, nanoseconds on Linux.
        var times = new Queue<long>(Enumerable.Range(0, 8).Select(i => 1000L + i).Concat(Enumerable.Repeat(900L, 8)));
        var readers = new ClockReaders(0, times.Dequeue);
        readers.ReadRound();
        readers.ReadRound();
        Assert.Equal((16, 8, 107), (readers.Reads, readers.Backwards, readers.WorstStep));
    }

    [Fact]
    public void A_step_back_within_a_round_is_found()
    {
        var times = new Queue<long>([5, 6, 7, 3, 8, 9, 10, 11]);
        var readers = new ClockReaders(0, times.Dequeue);
        readers.ReadRound();
        Assert.Equal((1, 4), (readers.Backwards, readers.WorstStep));
    }

    [Fact]
    public void Lateness_is_counted_in_classes()
    {
        var histogram = new LatenessHistogram();
        foreach (long microseconds in (long[])[1, 20, 21, 1000, 1001, 2_000_000])
            histogram.Add(microseconds * 1000);
        Assert.Equal((6, 0, 2_000_000_000), (histogram.Total, histogram.Early, histogram.Worst));
        Assert.Equal(4, histogram.Within(TimeSpan.FromMilliseconds(1)));
        Assert.Equal(50_000, histogram.Quantile(0.5));
        Assert.Equal(2_000_000_000, histogram.Quantile(0.99));
        Assert.Equal(
            "20us:2 50us:1 100us:0 200us:0 500us:0 1000us:1 2000us:1 5000us:0 10000us:0 20000us:0 50000us:0 100000us:0 1000000us:0 later:1",
            histogram.ToString());
    }

    [Fact]
    public void What_fires_early_is_said_so()
    {
        var histogram = new LatenessHistogram();
        histogram.Add(-1);
        Assert.Equal((1, 1, 0), (histogram.Total, histogram.Early, histogram.Worst));
        Assert.Equal(0, histogram.Quantile(0.5));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1", "2")]
    public void Seconds_are_a_number_in_range(params string[] arguments) =>
        Assert.Contains("from 1 to 100", Assert.Throws<SelfTestException>(() => SelfTestTime.Parse(arguments, 100)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_number_of_seconds_is_taken() => Assert.Equal(60, SelfTestTime.Parse(["60"], 100));
}
