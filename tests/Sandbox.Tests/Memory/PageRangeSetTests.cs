using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Sandbox.Tests.Memory;

public sealed class PageRangeSetTests
{
    private const int Pages = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void It_agrees_with_a_list_of_pages(int seed)
    {
        var random = new Random(seed);
        var set = new PageRangeSet();
        var pages = new bool[Pages];
        for (int step = 0; step < 4000; step++)
        {
            ulong first = (ulong)random.Next(Pages);
            var range = new PageRange(first, (ulong)random.Next(Pages - (int)first + 1));
            Span<bool> part = pages.AsSpan((int)range.First, (int)range.Count);
            bool any = part.Contains(true), all = !part.Contains(false);
            Assert.Equal(any, set.ContainsAny(range));
            Assert.Equal(all, set.ContainsAll(range));
            if (!any)
            {
                set.Add(range);
                part.Fill(true);
            }
            else if (all)
            {
                set.Remove(range);
                part.Clear();
            }
            else
            {
                Assert.Throws<ArgumentException>(() => set.Add(range));
                Assert.Throws<ArgumentException>(() => set.Remove(range));
            }

            if (random.Next(4) == 0)
            {
                foreach (PageRange taken in set.Take((ulong)random.Next(6), longest: 4))
                {
                    Assert.Equal((ulong)Array.IndexOf(pages, true), taken.First);
                    Assert.False(pages.AsSpan((int)taken.First, (int)taken.Count).Contains(false));
                    pages.AsSpan((int)taken.First, (int)taken.Count).Clear();
                }
            }

            Assert.Equal((ulong)pages.Count(page => page), set.Count);
            Assert.Equal(Runs(pages), set.Ranges);
        }
    }

    [Fact]
    public void Pages_are_taken_lowest_first_in_ranges_of_bounded_length()
    {
        var set = new PageRangeSet();
        set.Add(new PageRange(20, 5));
        set.Add(new PageRange(10, 5));
        Assert.Equal([new PageRange(10, 4), new PageRange(14, 1), new PageRange(20, 2)], set.Take(7, longest: 4));
        Assert.Equal([new PageRange(22, 3)], set.Ranges);
        Assert.Equal([new PageRange(22, 3)], set.Take(7, longest: 4));
        Assert.Equal(0ul, set.Count);
    }

    private static List<PageRange> Runs(bool[] pages)
    {
        var runs = new List<PageRange>();
        for (int i = 0; i < pages.Length; i++)
        {
            if (!pages[i])
                continue;
            int start = i;
            while (i < pages.Length && pages[i])
                i++;
            runs.Add(new PageRange((ulong)start, (ulong)(i - start)));
        }

        return runs;
    }
}
