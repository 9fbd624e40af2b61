namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class CalibrationWindowTests
{
    // A machine whose time passes with each register access: 0.3 µs for the reference, 20 ns for the time-stamp counter.
    private static double s_seconds;
    private static double s_tscHertz;
    private static double s_referenceHertz;
    private static double s_timerHertz;
    private static double s_timerStart;
    private static uint s_referenceMask;
    private static int s_stallEvery;
    private static int s_reads;

    public CalibrationWindowTests()
    {
        s_seconds = 1.25;
        s_stallEvery = 0;
        s_reads = 0;
        s_timerStart = 0;
    }

    [Theory]
    [InlineData(2.894561e9, 14_318_180, 0xFFFF_FFFFU, 1e9)]
    [InlineData(1e9, 3_579_545, 0xFF_FFFFU, 24e6)]
    [InlineData(3.5e9, 1_193_182, 0xFFFFU, 100e6)]
    [InlineData(2.4e9, 100_000_000, 0xFFFF_FFFFU, 62.5e6)]
    [InlineData(2.4e9, 10_000_000, 0xFFFF_FFFFU, 200e6)]
    public void Frequencies_are_measured_to_a_thousandth_in_two_milliseconds(double tsc, ulong reference, uint mask, double timer)
    {
        Set(tsc, reference, mask, timer);
        double start = s_seconds;
        Assert.True(CalibrationWindow.Measure(&ReadTsc, &ReadReference, mask, reference, &ReadTimer, out ulong tscFrequency, out ulong timerFrequency));
        Assert.InRange(tscFrequency, tsc * 0.999, tsc * 1.001);
        Assert.InRange(timerFrequency, timer * 0.999, timer * 1.001);
        Assert.InRange(s_seconds - start, 0.001, 0.0022);
    }

    [Fact]
    public void Readings_that_the_host_interrupts_do_not_spoil_the_result()
    {
        Set(2e9, 3_579_545, 0xFF_FFFF, 1e9);
        s_stallEvery = 5;
        Assert.True(CalibrationWindow.Measure(&ReadTsc, &ReadReference, 0xFF_FFFF, 3_579_545, &ReadTimer, out ulong tsc, out _));
        Assert.InRange(tsc, 2e9 * 0.998, 2e9 * 1.002);
    }

    [Fact]
    public void A_reference_that_stands_still_is_refused()
    {
        Set(2e9, 0, 0xFF_FFFF, 1e9);
        Assert.False(CalibrationWindow.Measure(&ReadTsc, &ReadReference, 0xFF_FFFF, 3_579_545, null, out _, out ulong timer));
        Assert.Equal(0UL, timer);
    }

    [Fact]
    public void A_time_stamp_counter_that_stands_still_is_refused()
    {
        Set(0, 3_579_545, 0xFF_FFFF, 1e9);
        Assert.False(CalibrationWindow.Measure(&ReadTsc, &ReadReference, 0xFF_FFFF, 3_579_545, null, out _, out _));
    }

    [Fact]
    public void The_timer_alone_is_measured_against_the_time_stamp_counter()
    {
        Set(2.5e9, 0, 0, 62.5e6);
        Assert.InRange(CalibrationWindow.MeasureTimer(&ReadTsc, 2_500_000_000, &ReadTimer), 62.5e6 * 0.999, 62.5e6 * 1.001);
    }

    [Fact]
    public void The_tightest_bracket_wins()
    {
        Set(1e9, 1e6, 0xFFFF_FFFF, 0);
        // The first, third and fifth of the readings stall.
        s_stallEvery = 2;
        s_reads = 1;
        CounterSample sample = default;
        CounterSample.Take(&ReadTsc, &ReadReference, ref sample);
        Assert.InRange(sample.Width, 1UL, 1000UL);
        Assert.InRange(sample.Count / 1e6 - sample.Tsc / 1e9, -2e-6, 2e-6);
    }

    [Theory]
    [InlineData(0U, false)]
    [InlineData(0xFFFF_FFFFU, false)]
    [InlineData(99_999U, false)]
    [InlineData(10_000_000U, true)]
    [InlineData(69_841_279U, true)]
    [InlineData(100_000_001U, false)]
    public void Periods_that_an_hpet_can_have(uint femtoseconds, bool plausible) => Assert.Equal(plausible, Hpet.IsPlausible(femtoseconds));

    private static void Set(double tsc, double reference, uint mask, double timer)
    {
        s_tscHertz = tsc;
        s_referenceHertz = reference;
        s_referenceMask = mask;
        s_timerHertz = timer;
        s_timerStart = s_seconds;
    }

    private static ulong ReadTsc()
    {
        s_seconds += 20e-9;
        return (ulong)(s_seconds * s_tscHertz);
    }

    private static uint ReadReference()
    {
        Access();
        return (uint)(ulong)(s_seconds * s_referenceHertz) & s_referenceMask;
    }

    private static uint ReadTimer()
    {
        Access();
        return (uint)((s_seconds - s_timerStart) * s_timerHertz);
    }

    private static void Access()
    {
        s_seconds += 0.3e-6;
        if (s_stallEvery != 0 && ++s_reads % s_stallEvery == 0)
            s_seconds += 50e-6;
    }
}
