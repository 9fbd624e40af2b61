using FsCheck.Fluent;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class ReferenceTimeTests
{
    private static byte* s_page;
    private static ulong s_tsc;
    private static int s_changes;

    [Fact]
    public void The_page_gives_what_its_formula_says()
    {
        // 2.5 GHz: 2^64 / 250 units a count.
        byte* page = Page(sequence: 7, scale: ulong.MaxValue / 250, offset: -1000);
        s_tsc = 2_500_000_000;
        Assert.True(ReferenceTscPage.TryRead(page, &ReadTsc, out ReferenceReading reading));
        Assert.Equal(7u, reading.Sequence);
        Assert.InRange(reading.Units, 10_000_000UL - 1001, 10_000_000UL - 1000);
        Assert.InRange(reading.Nanoseconds, 1_000_000_000UL - 100_001, 1_000_000_000UL - 100_000);
    }

    [Fact]
    public void Sequence_0_is_no_time() => Assert.False(ReferenceTscPage.TryRead(Page(0, 1, 1), &ReadTsc, out _));

    [Fact]
    public void No_page_is_no_time() => Assert.False(ReferenceTscPage.TryRead(null, &ReadTsc, out _));

    [Theory]
    [InlineData(1, true)]
    [InlineData(ReferenceTscPage.Tries - 1, true)]
    [InlineData(ReferenceTscPage.Tries, false)]
    public void A_page_that_changes_is_read_again_but_not_for_ever(int changes, bool isRead)
    {
        byte* page = Page(sequence: 1, scale: 1UL << 60, offset: 0);
        s_page = page;
        s_changes = changes;
        s_tsc = 1 << 20;
        Assert.Equal(isRead, ReferenceTscPage.TryRead(page, &ChangeAndReadTsc, out ReferenceReading reading));
        if (isRead)
            Assert.Equal((uint)changes + 1, reading.Sequence);
    }

    [Fact]
    public void A_page_that_becomes_invalid_meanwhile_is_not_used()
    {
        byte* page = Page(sequence: 1, scale: 1UL << 60, offset: 0);
        s_page = page;
        Assert.False(ReferenceTscPage.TryRead(page, &InvalidateAndReadTsc, out _));
    }

    [Fact]
    public void Nanoseconds_are_the_exact_product_cut_off() => Numbers.Check(
        from tsc in Numbers.AnyUInt64 from scale in Numbers.AnyUInt64 from offset in Numbers.AnyUInt64 select (tsc, scale, offset),
        x =>
        {
            var reading = new ReferenceReading { Sequence = 1, Tsc = x.tsc, Scale = x.scale, Offset = x.offset };
            var product = (System.Numerics.BigInteger)x.tsc * x.scale;
            Assert.Equal((ulong)((product >> 64) + x.offset & ulong.MaxValue), reading.Units);
            Assert.Equal((ulong)((product * 100 >> 64) + ((System.Numerics.BigInteger)x.offset * 100) & ulong.MaxValue), reading.Nanoseconds);
        });

    [Fact]
    public void Multiplier_and_shift_follow_the_scale_to_the_nanosecond_for_a_day() => Numbers.Check(
        from frequency in Numbers.AnyFrequency.Where(f => f is >= 20_000_000 and <= 10_000_000_000) from part in Numbers.AnyUInt64 select (frequency, part),
        x =>
        {
            ulong scale = (ulong)((((System.Numerics.BigInteger)1 << 64) * 10_000_000) / x.frequency);
            ulong counts = (ulong)((UInt128)x.part * (86_400 * x.frequency) >> 64);
            Assert.True(new ReferenceReading { Scale = scale }.TryScale(out ulong multiplier, out int shift));
            Assert.InRange(shift, 0, 63);
            ulong exact = (ulong)((System.Numerics.BigInteger)counts * scale * 100 >> 64);
            ulong fast = (ulong)((UInt128)counts * multiplier >> shift);
            Assert.InRange(fast, exact == 0 ? 0 : exact - 1, exact);
        });

    [Fact]
    public void Any_scale_but_0_can_be_used() => Numbers.Check(
        Numbers.AnyUInt64,
        scale =>
        {
            bool isUsable = new ReferenceReading { Scale = scale }.TryScale(out ulong multiplier, out int shift);
            Assert.Equal(scale != 0, isUsable);
            Assert.InRange(shift, 0, 63);
            Assert.True(!isUsable || multiplier != 0);
        });

    [Theory]
    [InlineData(1_000_000UL, 1_000_005UL, 1_000_010UL, true)]
    [InlineData(1_000_000UL, 990_000UL, 1_000_010UL, true)]
    [InlineData(1_000_000UL, 989_999UL, 1_000_010UL, false)]
    [InlineData(1_000_000UL, 1_010_010UL, 1_000_010UL, true)]
    [InlineData(1_000_000UL, 1_010_011UL, 1_000_010UL, false)]
    [InlineData(201_000_000UL, 1_000_000UL, 201_000_010UL, false)] // the machine stood still for 20 s, the counter with it, but not this page
    [InlineData(5UL, 3UL, 7UL, true)] // just after the partition was made: differences wrap
    public void A_page_that_is_a_millisecond_off_the_counter_is_stale(ulong before, ulong counter, ulong after, bool expected) =>
        Assert.Equal(expected, ReferenceReading.Agrees(before, counter, after));

    private static byte* Page(uint sequence, ulong scale, long offset)
    {
        byte* page = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(4096);
        *(uint*)page = sequence;
        *(ulong*)(page + 8) = scale;
        *(long*)(page + 16) = offset;
        return page;
    }

    private static ulong ReadTsc() => s_tsc;

    private static ulong ChangeAndReadTsc()
    {
        if (s_changes-- > 0)
            ++*(uint*)s_page;
        return s_tsc;
    }

    private static ulong InvalidateAndReadTsc()
    {
        *(uint*)s_page = 0;
        return s_tsc;
    }
}
