using GuestOS.Sandbox.DynamicMemory;
using Xunit;

namespace GuestOS.Sandbox.Tests.DynamicMemory;

public sealed class PageRangeSetTests
{
    [Fact]
    public void Neighbours_merge_and_overlaps_are_refused()
    {
        var set = new PageRangeSet();
        Assert.True(set.TryAdd(new PageRange(10, 5)));
        Assert.True(set.TryAdd(new PageRange(20, 5)));
        Assert.True(set.TryAdd(new PageRange(15, 5)));
        Assert.Equal([new PageRange(10, 15)], set.Ranges);
        Assert.False(set.TryAdd(new PageRange(24, 1)));
        Assert.False(set.TryAdd(new PageRange(9, 2)));
        Assert.False(set.TryAdd(new PageRange(0, 100)));
        Assert.Equal(15UL, set.Count);
        Assert.Equal([new PageRange(10, 4), new PageRange(14, 3)], set.Take(7, longest: 4));
        Assert.Equal([new PageRange(17, 8)], set.Ranges);
    }

    [Fact]
    public void It_agrees_with_a_set_of_single_pages()
    {
        var random = new Random(5);
        var set = new PageRangeSet();
        var model = new HashSet<ulong>();
        for (var i = 0; i < 20_000; i++)
        {
            var range = new PageRange((ulong)random.Next(500), (ulong)random.Next(8));
            var pages = Enumerable.Range(0, (int)range.Count).Select(k => range.First + (ulong)k).ToArray();
            Assert.Equal(!pages.Any(model.Contains), set.TryAdd(range));
            if (!pages.Any(model.Contains))
                model.UnionWith(pages);
            foreach (var taken in set.Take((ulong)random.Next(6)))
            {
                for (var page = taken.First; page < taken.End; page++)
                    Assert.True(model.Remove(page));
            }

            Assert.Equal((ulong)model.Count, set.Count);
        }
    }

    [Fact]
    public void The_word_holds_40_bits_of_frame_and_24_of_count()
    {
        Assert.Equal(0xFFFFFF_FFFFFFFFFFUL, new PageRange((1UL << 40) - 1, PageRange.MostPages).Encode());
        Assert.Equal(new PageRange(0x12_3456_789A, 0x4321), PageRange.Decode(0x004321_123456789A));
    }
}
