using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Memory;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Tests.Memory;

public sealed class DynamicMemoryTests
{
    private const ulong MiB = FakePages.MiB;
    private const ulong PagesPerMiB = MiB / 4096;

    private readonly PageRange[] _ranges = new PageRange[16];

    [Fact]
    public void The_heaps_limit_falls_before_pages_go()
    {
        var pages = new FakePages(1024 * MiB) { HeapBytes = 100 * MiB };
        var memory = new DynamicMemory(pages, pages);
        Assert.Equal(1, memory.Take(500 * PagesPerMiB, 200 * PagesPerMiB, _ranges));
        Assert.Equal(500 * MiB, pages.Taken.Count * 4096);

        // 524 MiB are left, of which 100 are the heap's and 3 the C library's; 4 and an eighth of all are kept.
        Assert.Equal((524 - 3 - 4) * MiB - (524 * MiB / 8), pages.Limit);
        memory.Take(10, 200 * PagesPerMiB, _ranges);
        Assert.True(pages.Limit <= (524 - 3 - 4) * MiB - (524 * MiB / 8));
        Assert.Equal(1, pages.Measurements);
    }

    [Fact]
    public void What_is_promised_and_not_touched_is_not_promised_again()
    {
        var pages = new FakePages(1024 * MiB) { HeapBytes = 300 * MiB, Untouched = 200 * MiB };
        var memory = new DynamicMemory(pages, pages);
        memory.Take(500 * PagesPerMiB, 0, _ranges);
        Assert.Equal((300 + 1024 - 100 - 3 - 500 - 200 - 4) * MiB - (524 * MiB / 8), pages.Limit);
        Assert.True(pages.Limit - pages.HeapBytes + pages.Untouched <= pages.Free);
    }

    [Fact]
    public void A_heap_that_has_grown_since_it_was_measured_keeps_its_limit()
    {
        var pages = new FakePages(1024 * MiB);
        var memory = new DynamicMemory(pages, pages);
        memory.Settle();
        pages.Limits.Clear();
        ulong limit = pages.Limit;
        for (pages.HeapBytes = 0; pages.HeapBytes < 800 * MiB; pages.HeapBytes += 50 * MiB)
        {
            memory.Settle();
            Assert.Equal(limit, pages.Limit);
            Assert.True(pages.Limit - pages.HeapBytes <= pages.Free);
        }

        Assert.Equal(1, pages.Measurements);
    }

    [Fact]
    public void A_heap_that_holds_more_than_was_thought_is_compacted_before_pages_go()
    {
        // The C library has given memory back since it was measured, and the heap has taken it.
        var pages = new FakePages(1024 * MiB) { HeapBytes = 100 * MiB, Others = 500 * MiB };
        var memory = new DynamicMemory(pages, pages);
        memory.Settle();
        pages.Others = 0;
        pages.HeapBytes = 600 * MiB;
        pages.Garbage = 550 * MiB;
        Assert.Equal(1, memory.Take(400 * PagesPerMiB, 20 * PagesPerMiB, _ranges));
        Assert.Equal(1, pages.Compactions);
        Assert.Equal(400 * MiB, pages.Taken.Count * 4096);
        Assert.True(pages.Limit - pages.HeapBytes <= pages.Free);
    }

    [Fact]
    public void Native_memory_that_grows_lowers_the_limit()
    {
        var pages = new FakePages(1024 * MiB);
        var memory = new DynamicMemory(pages, pages);
        memory.Settle();
        pages.Others += 700 * MiB;
        memory.Compact();
        memory.Settle();
        Assert.True(pages.Limit <= pages.Free);
    }

    [Fact]
    public void Pages_that_must_stay_free_stay_free()
    {
        var pages = new FakePages(64 * MiB);
        var memory = new DynamicMemory(pages, pages);
        Assert.Equal(0, memory.Take(10, 61 * PagesPerMiB, _ranges));
        Assert.Equal(0, memory.Take(10, ulong.MaxValue, _ranges));
        Assert.Equal(0, memory.Take(10, 0, []));
        Assert.Equal(0, memory.Take(0, 0, _ranges));
        Assert.Empty(pages.Limits);
        memory.Take(ulong.MaxValue, 40 * PagesPerMiB, _ranges);
        Assert.Equal(40 * MiB, pages.Free);
    }

    [Fact]
    public void The_limit_rises_again_when_pages_have_come_back_and_when_memory_was_added()
    {
        var pages = new FakePages(1024 * MiB);
        var memory = new DynamicMemory(pages, pages);
        memory.Take(800 * PagesPerMiB, 0, _ranges);
        ulong low = pages.Limit;
        Assert.Equal(800 * PagesPerMiB, memory.Give(_ranges[0]));
        memory.Settle();
        Assert.Equal((1017 - 128) * MiB, pages.Limit);
        Assert.True(low < pages.Limit);
        Assert.Equal(MemoryAddition.Added, memory.Add(new PageRange(32UL << 18, 3 << 18), out ulong added));
        Assert.Equal(3ul << 18, added);
        memory.Settle();
        Assert.Equal((4096 - 7 - 512) * MiB, pages.Limit);
    }

    [Fact]
    public void Small_differences_do_not_stop_the_threads()
    {
        var pages = new FakePages(1024 * MiB);
        var memory = new DynamicMemory(pages, pages);
        memory.Take(400 * PagesPerMiB, 0, _ranges);
        pages.Limits.Clear();
        memory.Give(new PageRange(_ranges[0].First, 10 * PagesPerMiB));
        memory.Settle();
        Assert.Empty(pages.Limits);
    }

    [Fact]
    public void Ranges_longer_than_a_kernel_call_are_given_and_added_in_pieces()
    {
        var pages = new FakePages(5UL << 30) { Others = 0 };
        var memory = new DynamicMemory(pages, pages);
        int parts = 0;
        while (pages.Free > 1UL << 30)
        {
            Assert.Equal(1, memory.Take(ulong.MaxValue, 1 << 18, _ranges));
            Assert.True(_ranges[0].Count <= 1 << 18);
            parts++;
        }

        Assert.Equal(4, parts);
        PageRange all = Assert.Single(pages.Taken.Ranges);
        Assert.Equal(1ul << 18, memory.Give(new PageRange(all.First + (3 << 18), 2 << 18)));
        Assert.Equal(3ul << 18, memory.Give(new PageRange(all.First, 3 << 18)));
        Assert.Equal(0ul, memory.Give(default));
        Assert.Equal(0ul, memory.Give(new PageRange(ulong.MaxValue, ulong.MaxValue)));
        Assert.Equal(0ul, pages.Taken.Count);
    }

    [Theory]
    [InlineData(0, 512, 0, MemoryAddition.Added, 512)]
    [InlineData(0, 600, 0, MemoryAddition.Refused, 512)]
    [InlineData(1, 512, 0, MemoryAddition.Refused, 0)]
    [InlineData(0, 511, 0, MemoryAddition.Refused, 0)]
    [InlineData(0, 0, 0, MemoryAddition.Refused, 0)]
    [InlineData(0, 512, Errno.NoMemory, MemoryAddition.NotNow, 0)]
    [InlineData(0, 512, Errno.Invalid, MemoryAddition.Refused, 0)]
    public void Added_memory_is_aligned_and_refusals_are_told_apart(ulong offset, ulong count, int error, MemoryAddition expected, ulong expectedPages)
    {
        var pages = new FakePages(64 * MiB) { Error = error };
        var memory = new DynamicMemory(pages, pages);
        Assert.Equal(expected, memory.Add(new PageRange((1 << 20) + offset, count), out ulong added));
        Assert.Equal(expectedPages, added);
        Assert.Equal(expectedPages, memory.Read().Added);
        Assert.Equal(512ul, memory.AddAlignment);
    }

    [Fact]
    public void Figures_are_in_pages()
    {
        var pages = new FakePages(64 * MiB) { HeapBytes = 10 * MiB, Untouched = 2 * MiB };
        var memory = new DynamicMemory(pages, pages);
        memory.Take(100, 0, _ranges);
        DynamicMemoryFigures figures = memory.Read();
        Assert.Equal(64 * PagesPerMiB, figures.Total);
        Assert.Equal((53 * PagesPerMiB) - 100, figures.Free);
        Assert.Equal(100ul, figures.Taken);
        Assert.Equal(13 * PagesPerMiB, figures.Committed);
    }

    [Fact]
    public void The_limit_of_a_real_heap_follows_what_is_set()
    {
        // The host's runtime has no limit of its own here: a large one changes nothing for it, one below its heap is refused.
        var heap = new RuntimeHeap();
        Assert.True(heap.TrySetLimit(64UL << 30));
        Assert.Equal(64UL << 30, heap.Limit);
        Assert.InRange(heap.MeasureCommitted(), 1ul, 64UL << 30);
        Assert.False(heap.TrySetLimit(4096));
        Assert.Equal(64UL << 30, heap.Limit);
        heap.Compact();
        AppContext.SetData("GCHeapHardLimit", null);
    }
}
