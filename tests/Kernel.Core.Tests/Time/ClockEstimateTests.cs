namespace GuestOS.Kernel.Core.Tests;

public sealed class ClockEstimateTests
{
    private const ulong Frequency = 2_000_000_000;
    private const ulong Reading = 5_000_000_000;
    private const ulong Tsc = 77_000;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2_000, 1_000)]
    [InlineData(2_000_000, 1_000_000)]
    public void For_a_millisecond_after_a_reading_the_time_stamp_counter_tells_the_time(ulong counts, ulong nanoseconds)
    {
        Assert.True(TryGet(Noted(), Tsc + counts, out ulong now));
        Assert.Equal(Reading + nanoseconds, now);
    }

    [Theory]
    [InlineData(2_000_002L)]
    [InlineData(0x1_0000_0000L)]
    [InlineData(0x1_0000_0000_0002L)]
    [InlineData(-1L)]
    [InlineData(-70_000L)]
    public void After_that_or_when_the_counter_was_set_back_the_clock_must_be_read(long counts) =>
        Assert.False(TryGet(Noted(), Tsc + (ulong)counts, out _));

    [Fact]
    public void Without_a_reading_there_is_no_estimate() => Assert.False(TryGet(default, 5, out _));

    private static ClockEstimate Noted()
    {
        var estimate = default(ClockEstimate);
        estimate.Note(Tsc, Reading);
        return estimate;
    }

    private static bool TryGet(ClockEstimate estimate, ulong tsc, out ulong now)
    {
        ClockMath.Scale(Frequency, out ulong multiplier, out int shift);
        return estimate.TryGet(tsc, multiplier, shift, out now);
    }
}
