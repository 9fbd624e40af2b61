namespace GuestOS.Kernel.Core.Tests;

public sealed class FreshMemoryTests
{
    private const ulong MiB = 1 << 20;

    public FreshMemoryTests() => FreshMemory.Clear();

    [Fact]
    public void A_page_takes_memory_up_to_the_next_two_MiB()
    {
        Assert.True(FreshMemory.TryAdd(6 * MiB + 0x5000, 64 * MiB));
        Expect(0, order: 0, ulong.MaxValue, 6 * MiB + 0x5000, 8 * MiB);
        Expect(0, order: 0, ulong.MaxValue, 8 * MiB, 10 * MiB);
    }

    [Fact]
    public void A_large_block_is_aligned_and_whole()
    {
        Assert.True(FreshMemory.TryAdd(6 * MiB + 0x5000, 128 * MiB));
        Expect(0, order: 13, ulong.MaxValue, 6 * MiB + 0x5000, 64 * MiB);
        Expect(0, order: 13, ulong.MaxValue, 64 * MiB, 96 * MiB);
    }

    [Fact]
    public void The_end_of_a_range_is_taken_whole_and_no_more()
    {
        Assert.True(FreshMemory.TryAdd(16 * MiB, 16 * MiB + 0x3000));
        Assert.False(FreshMemory.TryTake(0, 2, ulong.MaxValue, out _, out _));
        Expect(0, order: 1, ulong.MaxValue, 16 * MiB, 16 * MiB + 0x3000);
        Assert.False(FreshMemory.TryTake(0, 0, ulong.MaxValue, out _, out _));
    }

    [Fact]
    public void Ranges_below_the_asked_ones_and_blocks_above_the_limit_are_left()
    {
        Assert.True(FreshMemory.TryAdd(2 * MiB, 16 * MiB));
        Assert.True(FreshMemory.TryAdd(16 * MiB, 64 * MiB));
        Expect(16 * MiB, order: 0, ulong.MaxValue, 16 * MiB, 18 * MiB);
        Assert.False(FreshMemory.TryTake(16 * MiB, 0, 18 * MiB + 0xFFE, out _, out _));
        Expect(16 * MiB, order: 0, 18 * MiB + 0xFFF, 18 * MiB, 20 * MiB);
        Expect(0, order: 0, 16 * MiB, 2 * MiB, 4 * MiB);
    }

    [Fact]
    public void Whether_a_block_is_left_is_told_by_its_aligned_place()
    {
        Assert.True(FreshMemory.TryAdd(17 * MiB, 64 * MiB));
        Assert.True(FreshMemory.Has(13));
        Assert.True(FreshMemory.TryTake(0, 9, ulong.MaxValue, out _, out _));
        Assert.True(FreshMemory.TryTake(0, 13, ulong.MaxValue, out _, out _));
        Assert.False(FreshMemory.Has(0));
    }

    [Fact]
    public void A_full_table_refuses_further_ranges()
    {
        ulong start = 16 * MiB;
        int count = 0;
        for (; FreshMemory.TryAdd(start, start + 0x1000); start += 0x2000)
            count++;
        for (int i = 0; i < count; i++)
            Assert.True(FreshMemory.TryTake(0, 0, ulong.MaxValue, out _, out _));
        Assert.False(FreshMemory.TryTake(0, 0, ulong.MaxValue, out _, out _));
    }

    private static void Expect(ulong low, int order, ulong highest, ulong start, ulong end)
    {
        Assert.True(FreshMemory.TryTake(low, order, highest, out ulong takenStart, out ulong takenEnd));
        Assert.Equal(start, takenStart);
        Assert.Equal(end, takenEnd);
    }
}
