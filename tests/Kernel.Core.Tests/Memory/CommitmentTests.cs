namespace GuestOS.Kernel.Core.Tests;

public sealed class CommitmentTests
{
    private const ulong PagesPerTable = 512;
    private const ulong Reserve = 64;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(64, 0, 0)] // the reserve
    [InlineData(65, 0, 0)] // one page, but no table for it
    [InlineData(66, 0, 1)]
    [InlineData(64 + 513, 0, 512)]
    [InlineData(1000, 1000, 0)] // all of it is promised
    [InlineData(100, 5000, 0)] // more is promised than there is
    [InlineData(10_000, 2000, 7916)] // 2000 pages need 4 tables, 7916 need 16
    public void What_is_free_less_promises_tables_and_the_reserve_can_be_spared(ulong free, ulong untouched, ulong expected) =>
        Assert.Equal(expected, Commitment.Spare(free, untouched));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_promised_touched_and_given_back_a_page_that_was_promised_is_there(int seed)
    {
        var random = new Random(seed);
        ulong free = 20_000, untouched = 0, resident = 0, tables = 0;
        bool refused = false;
        for (int step = 0; step < 5000; step++)
        {
            ulong pages = (ulong)random.Next(1, 3000);
            switch (random.Next(4))
            {
                case 0 or 1 when pages <= Commitment.Spare(free, untouched):
                    untouched += pages;
                    break;
                case 0 or 1:
                    refused = true;
                    break;
                case 2:
                    // The worst that can happen: all promised pages are touched now, each table of them new.
                    ulong touched = random.Next(10) == 0 ? untouched : Math.Min(pages, untouched);
                    ulong needed = touched + ((touched + PagesPerTable - 1) / PagesPerTable);
                    Assert.True(needed <= free, $"seed {seed} step {step}: {needed} of {free}");
                    free -= needed;
                    untouched -= touched;
                    resident += touched;
                    tables += needed - touched;
                    break;
                default:
                    ulong back = Math.Min(pages, resident);
                    resident -= back;
                    free += back;
                    if (resident == 0)
                    {
                        free += tables;
                        tables = 0;
                    }

                    break;
            }

            Assert.True(untouched + ((untouched + PagesPerTable - 1) / PagesPerTable) <= free, $"seed {seed} step {step}: {untouched} promised, {free} free");
        }

        Assert.True(refused, "Memory was never short.");
    }

    [Fact]
    public void The_host_leaves_what_is_promised_and_the_reserve()
    {
        Assert.Equal(Reserve, Commitment.Kept(0));
        Assert.Equal(512 + 1 + Reserve, Commitment.Kept(512));
        Assert.Equal(0UL, Commitment.Spare(Commitment.Kept(70_000), 70_000));
    }

    [Theory]
    [InlineData(Protection.None, Mapping.General, false)]
    [InlineData(Protection.Read, Mapping.General, false)]
    [InlineData(Protection.Read | Protection.Write, Mapping.General, true)]
    [InlineData(Protection.Read | Protection.Write, Mapping.ThreadStack, false)]
    [InlineData(Protection.Read | Protection.Write, Mapping.MainStack, false)]
    public void What_may_be_written_is_promised_but_for_stacks(uint protection, uint use, bool expected) =>
        Assert.Equal(expected, Mapping.Promises(protection, use));
}
