using FsCheck.Fluent;

namespace GuestOS.Kernel.Core.Tests;

public sealed class ClockMathTests
{
    private const ulong Year = 31_556_952UL * 1_000_000_000;

    [Fact]
    public void Conversion_to_nanoseconds_equals_128_bit_arithmetic() => Numbers.Check(
        from counts in Numbers.AnyUInt64 from frequency in Numbers.AnyFrequency select (counts, frequency),
        x =>
        {
            ClockMath.Scale(x.frequency, out ulong multiplier, out int shift);
            UInt128 expected = (UInt128)x.counts * multiplier >> shift;
            if (expected <= ulong.MaxValue)
                Assert.Equal((ulong)expected, ClockMath.ToNanoseconds(x.counts, multiplier, shift));
        });

    [Fact]
    public void A_scale_is_within_two_parts_in_a_billion_of_the_frequency() => Numbers.Check(
        Numbers.AnyFrequency.Where(frequency => frequency is >= 1_000_000 and <= 4_000_000_000),
        frequency =>
        {
            ClockMath.Scale(frequency, out ulong multiplier, out int shift);
            Assert.InRange(multiplier, 1UL, uint.MaxValue);
            Assert.InRange(shift, 0, 32);
            double actual = multiplier / Math.Pow(2, shift);
            Assert.InRange(actual * frequency / 1e9, 1 - 2e-9, 1 + 2e-9);
        });

    [Theory]
    [InlineData(24_000_000UL)]
    [InlineData(1_000_000_000UL)]
    [InlineData(2_894_561_000UL)]
    [InlineData(5_700_000_000UL)]
    public void A_clock_of_ten_years_neither_overflows_nor_drifts(ulong frequency)
    {
        ClockMath.Scale(frequency, out ulong multiplier, out int shift);
        ulong counts = (ulong)((UInt128)frequency * (10 * Year) / 1_000_000_000);
        ulong nanoseconds = ClockMath.ToNanoseconds(counts, multiplier, shift);
        Assert.InRange(nanoseconds, 10 * Year - Year / 10_000_000, 10 * Year + Year / 10_000_000);
    }

    [Fact]
    public void Conversion_to_nanoseconds_never_goes_back() => Numbers.Check(
        from counts in Numbers.AnyUInt64 from step in Numbers.AnyUInt64 from frequency in Numbers.AnyFrequency select (counts, step, frequency),
        x =>
        {
            ulong earlier = x.counts >> 8;
            ulong later = earlier + (x.step >> 8);
            ulong frequency = x.frequency | 1 << 24;
            ClockMath.Scale(frequency, out ulong multiplier, out int shift);
            if ((UInt128)later * multiplier >> shift <= ulong.MaxValue)
                Assert.True(ClockMath.ToNanoseconds(later, multiplier, shift) >= ClockMath.ToNanoseconds(earlier, multiplier, shift));
        });

    [Fact]
    public void Conversion_to_counts_rounds_up_and_saturates() => Numbers.Check(
        from nanoseconds in Numbers.AnyUInt64 from frequency in Numbers.AnyFrequency select (nanoseconds, frequency),
        x =>
        {
            UInt128 exact = ((UInt128)x.nanoseconds * x.frequency + 999_999_999) / 1_000_000_000;
            ulong actual = ClockMath.ToCounts(x.nanoseconds, x.frequency);
            if (actual == ulong.MaxValue)
                Assert.True(exact > ulong.MaxValue - 3 * (UInt128)ClockMath.MaximumFrequency);
            else
                Assert.Equal(exact, actual);
        });

    [Fact]
    public void Upper_half_of_a_product_equals_128_bit_arithmetic() => Numbers.Check(
        from a in Numbers.AnyUInt64 from b in Numbers.AnyUInt64 select (a, b),
        x => Assert.Equal((ulong)((UInt128)x.a * x.b >> 64), ClockMath.MultiplyHigh(x.a, x.b)));

    [Theory]
    [InlineData(0xFF_FFFFUL)]
    [InlineData(0xFFFF_FFFFUL)]
    public void A_narrow_counter_is_extended_over_its_wraps(ulong mask)
    {
        ulong extended = 0;
        ulong time = 0;
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            time += (ulong)random.NextInt64((long)mask / 2);
            Assert.Equal(time, ClockMath.Extend(ref extended, time & mask, mask));
        }
    }

    [Fact]
    public void A_reading_older_than_the_last_one_does_not_turn_time_back()
    {
        ulong extended = 0x5_0000_0010;
        Assert.Equal(0x5_0000_0010UL, ClockMath.Extend(ref extended, 0x0000_000F, 0xFFFF_FFFF));
        Assert.Equal(0x5_0000_0010UL, ClockMath.Extend(ref extended, 0xFFFF_FFF0, 0xFFFF_FFFF));
        Assert.Equal(0x5_0000_0011UL, ClockMath.Extend(ref extended, 0x0000_0011, 0xFFFF_FFFF));
    }

    [Fact]
    public void Concurrent_readers_of_a_narrow_counter_agree()
    {
        ulong extended = 0;
        long counter = 0;
        Parallel.For(0, 4, _ =>
        {
            ulong last = 0;
            for (int i = 0; i < 50_000; i++)
            {
                ulong raw = (ulong)Interlocked.Add(ref counter, 97);
                ulong now = ClockMath.Extend(ref extended, raw & 0xFFFF, 0xFFFF);
                Assert.True(now >= last);
                last = now;
            }
        });
        ulong end = (ulong)Interlocked.Read(ref counter);
        Assert.Equal(end, ClockMath.Extend(ref extended, end & 0xFFFF, 0xFFFF));
    }
}
