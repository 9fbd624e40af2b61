namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class TakenMemoryTests
{
    private const ulong MiB = MemoryArena.MiB;
    private const ulong PagesPerMiB = MiB / 4096;

    /// <summary>What <see cref="PhysicalMemory.TakeRun"/> leaves of large blocks.</summary>
    private const ulong Reserve = 8 * PagesPerMiB;

    [Fact]
    public void Memory_that_was_never_used_goes_in_one_run_from_its_end()
    {
        using MemoryArena arena = MemoryArena.Filled(96);
        ulong pages = PhysicalMemory.TakeRun(ulong.MaxValue, out ulong start);
        Assert.Equal(88 * PagesPerMiB, pages);
        Assert.Equal(arena.Start + 8 * MiB, start);
        Assert.Equal(pages, PhysicalMemory.TakenPages);
        Assert.Equal(Reserve, PhysicalMemory.FreePages);
    }

    [Fact]
    public void No_more_is_taken_than_was_asked_for()
    {
        using MemoryArena arena = MemoryArena.Filled(96);
        Assert.Equal(5UL, PhysicalMemory.TakeRun(5, out ulong start));
        Assert.Equal(arena.End - 5 * 4096, start);
        Assert.Equal(96 * PagesPerMiB - 5, PhysicalMemory.FreePages);
    }

    [Fact]
    public void Memory_that_was_used_before_goes_before_fresh_memory_and_in_large_blocks()
    {
        using MemoryArena arena = MemoryArena.Filled(96);
        ulong block = PhysicalMemory.AllocateBlock(13, ulong.MaxValue);
        PhysicalMemory.Free(block, 32 * PagesPerMiB);
        Assert.Equal(32 * PagesPerMiB, PhysicalMemory.TakeRun(ulong.MaxValue, out ulong start));
        Assert.Equal(block, start);
        Assert.Equal(56 * PagesPerMiB, PhysicalMemory.TakeRun(ulong.MaxValue, out start));
        Assert.Equal(arena.Start + 40 * MiB, start);
    }

    [Fact]
    public void Some_large_blocks_stay_for_devices_while_small_ones_go()
    {
        using MemoryArena arena = MemoryArena.Filled(32);
        // Every second page of the upper 16 MiB is in use, so that half of these are free one by one.
        ulong block = PhysicalMemory.AllocateBlock(13, ulong.MaxValue);
        for (ulong page = 0; page < 32 * PagesPerMiB; page++)
        {
            if (page < 16 * PagesPerMiB || page % 2 == 0)
                PhysicalMemory.FreePage(block + page * 4096);
        }

        Assert.Equal(8 * PagesPerMiB, PhysicalMemory.TakeRun(ulong.MaxValue, out _));
        for (ulong i = 0; i < 8 * PagesPerMiB; i++)
        {
            Assert.Equal(1UL, PhysicalMemory.TakeRun(ulong.MaxValue, out ulong start));
            Assert.InRange(start, arena.Start + 16 * MiB, arena.End - 1);
        }

        Assert.Equal(0UL, PhysicalMemory.TakeRun(ulong.MaxValue, out _));
        Assert.Equal(Reserve, PhysicalMemory.FreePages);
        Assert.InRange(PhysicalMemory.LargestFree(), 2 * MiB, 8 * MiB);
        Assert.NotEqual(0UL, PhysicalMemory.AllocateBlock(9, ulong.MaxValue));
    }

    [Fact]
    public void A_page_that_is_taken_is_not_allocated_and_cannot_be_allocated()
    {
        using MemoryArena arena = MemoryArena.Filled(32);
        ulong used = PhysicalMemory.AllocateBlock(0, ulong.MaxValue);
        Assert.True(PhysicalMemory.IsAllocated(used));
        ulong pages = PhysicalMemory.TakeRun(ulong.MaxValue, out ulong start);
        Assert.False(PhysicalMemory.IsAllocated(start));
        Assert.False(PhysicalMemory.IsAllocated(start + pages * 4096 - 1));
        ulong end = start + pages * 4096;
        for (ulong page; (page = PhysicalMemory.AllocateBlock(0, ulong.MaxValue)) != 0;)
            Assert.False(page >= start && page < end);
        Assert.Equal(0UL, PhysicalMemory.FreePages);
    }

    [Fact]
    public void What_comes_back_can_be_used_again_and_merges_to_large_blocks()
    {
        using MemoryArena arena = MemoryArena.Filled(64);
        ulong pages = PhysicalMemory.TakeRun(20 * PagesPerMiB, out ulong start);
        Assert.True(PhysicalMemory.TryGiveRun(start + 4 * MiB, pages - 4 * PagesPerMiB));
        Assert.True(PhysicalMemory.TryGiveRun(start, 4 * PagesPerMiB));
        Assert.Equal(0UL, PhysicalMemory.TakenPages);
        Assert.Equal(64 * PagesPerMiB, PhysicalMemory.FreePages);
        for (int i = 0; i < 2; i++)
            Assert.NotEqual(0UL, PhysicalMemory.AllocateBlock(13, ulong.MaxValue));
    }

    [Fact]
    public void A_long_run_comes_back_untouched()
    {
        using MemoryArena arena = MemoryArena.Filled(128);
        ulong block = PhysicalMemory.AllocateBlock(13, ulong.MaxValue);
        PhysicalMemory.Free(block, 32 * PagesPerMiB);
        Assert.Equal(32 * PagesPerMiB, PhysicalMemory.TakeRun(32 * PagesPerMiB, out ulong start));
        Assert.Equal(block, start);
        new Span<byte>((void*)start, (int)(32 * MiB)).Fill(0xA5);
        Assert.True(PhysicalMemory.TryGiveRun(start, 32 * PagesPerMiB));
        Assert.Equal(-1, new ReadOnlySpan<byte>((void*)start, (int)(32 * MiB)).IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(128 * MiB, FreshMemory.Length(0));
    }

    [Fact]
    public void What_was_not_taken_cannot_be_given_and_nothing_changes()
    {
        using MemoryArena arena = MemoryArena.Filled(64);
        ulong pages = PhysicalMemory.TakeRun(8 * PagesPerMiB, out ulong start);
        ulong free = PhysicalMemory.FreePages;
        Assert.False(PhysicalMemory.TryGiveRun(start - 4096, 2));
        Assert.False(PhysicalMemory.TryGiveRun(start, pages + 1));
        Assert.False(PhysicalMemory.TryGiveRun(arena.Start, 1));
        Assert.False(PhysicalMemory.TryGiveRun(arena.End + 1024 * MiB, 1));
        Assert.True(PhysicalMemory.TryGiveRun(start + 4096, 1));
        Assert.False(PhysicalMemory.TryGiveRun(start, 2));
        Assert.False(PhysicalMemory.TryGiveRun(start + 4096, 1));
        Assert.Equal(free + 1, PhysicalMemory.FreePages);
        Assert.Equal(pages - 1, PhysicalMemory.TakenPages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_allocated_freed_taken_and_given_no_page_is_lost_or_doubled(int seed)
    {
        using MemoryArena arena = MemoryArena.Filled(64);
        var random = new Random(seed);
        ulong total = 64 * PagesPerMiB;
        var owners = new byte[total];
        var used = new List<(ulong Start, ulong Pages)>();
        var taken = new List<(ulong Start, ulong Pages)>();
        for (int step = 0; step < 6000; step++)
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    int order = random.Next(8) == 0 ? random.Next(12) : random.Next(4);
                    if (PhysicalMemory.AllocateBlock(order, ulong.MaxValue) is var block and not 0)
                        Mark(block, 1UL << order, 0, 1, used);
                    break;
                case 2 when used.Count != 0:
                    (ulong start, ulong pages) = Pop(used);
                    Mark(start, pages, 1, 0, null);
                    PhysicalMemory.Free(start, pages);
                    break;
                case 3:
                    if (PhysicalMemory.TakeRun((ulong)random.Next(1, 3000), out ulong run) is var count and not 0)
                        Mark(run, count, 0, 2, taken);
                    break;
                case 4 when taken.Count != 0:
                    (start, pages) = Pop(taken);
                    ulong first = (ulong)random.NextInt64((long)pages);
                    Mark(start, pages, 2, 0, null);
                    Assert.True(PhysicalMemory.TryGiveRun(start + (first * 4096), pages - first), $"seed {seed} step {step}");
                    if (first != 0)
                        Assert.True(PhysicalMemory.TryGiveRun(start, first), $"seed {seed} step {step}");
                    break;
            }

            Assert.Equal((ulong)owners.Count(owner => owner == 0), PhysicalMemory.FreePages);
            Assert.Equal((ulong)owners.Count(owner => owner == 2), PhysicalMemory.TakenPages);
        }

        foreach ((ulong start, ulong pages) in taken)
            Assert.True(PhysicalMemory.TryGiveRun(start, pages));
        foreach ((ulong start, ulong pages) in used)
            PhysicalMemory.Free(start, pages);
        Assert.Equal(total, PhysicalMemory.FreePages);
        for (int i = 0; i < 2; i++)
            Assert.NotEqual(0UL, PhysicalMemory.AllocateBlock(13, ulong.MaxValue));

        (ulong Start, ulong Pages) Pop(List<(ulong Start, ulong Pages)> list)
        {
            int index = random.Next(list.Count);
            (ulong Start, ulong Pages) item = list[index];
            list.RemoveAt(index);
            return item;
        }

        void Mark(ulong start, ulong pages, byte before, byte after, List<(ulong Start, ulong Pages)>? list)
        {
            Span<byte> part = owners.AsSpan((int)((start - arena.Start) / 4096), (int)pages);
            Assert.Equal(-1, part.IndexOfAnyExcept(before));
            part.Fill(after);
            list?.Add((start, pages));
        }
    }
}
