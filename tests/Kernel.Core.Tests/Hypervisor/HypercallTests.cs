namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class HypercallTests
{
    [Theory]
    [InlineData(0UL, true, HypercallPageAction.Place)]
    [InlineData(0x1234_5001UL, true, HypercallPageAction.Place)] // firmware's, not locked: replaced by one of our own
    [InlineData(0x1234_5003UL, true, HypercallPageAction.Adopt)]
    [InlineData(0x1234_5003UL, false, HypercallPageAction.None)] // locked onto memory that is handed out
    [InlineData(0x1234_5002UL, true, HypercallPageAction.None)]
    internal void The_hypercall_register_decides_where_the_page_goes(ulong value, bool frameIsFree, HypercallPageAction expected) =>
        Assert.Equal(expected, HypercallPage.Plan(value, frameIsFree));

    [Fact]
    public void The_guest_id_is_of_the_open_source_form()
    {
        Assert.Equal(1UL, HypercallPage.GuestOsId >> 63);
        Assert.Equal(0x47UL, HypercallPage.GuestOsId >> 56 & 0x7F);
        Assert.Equal(0xC700_0000_0100_0000UL, HypercallPage.GuestOsId);
    }

    [Fact]
    public void A_flush_of_low_processors_is_three_words()
    {
        uint* indexes = stackalloc uint[Smp.MaximumProcessors];
        for (uint i = 0; i < Smp.MaximumProcessors; i++)
            indexes[i] = 63 - i;
        ulong* words = stackalloc ulong[3];
        Assert.Equal(0, ProcessorCalls.WriteFlush(words, indexes, 0b101, extended: false, out ulong code));
        Assert.Equal(0x02UL, code);
        Assert.Equal(0UL, words[0]);
        Assert.Equal(2UL, words[1]);
        Assert.Equal(1UL << 63 | 1UL << 61, words[2]);
    }

    [Fact]
    public void A_flush_of_a_processor_above_63_takes_the_sparse_form_where_the_host_has_it()
    {
        uint* indexes = stackalloc uint[Smp.MaximumProcessors];
        indexes[0] = 3;
        indexes[1] = 130;
        indexes[2] = 64;
        indexes[3] = 131;
        ulong* words = stackalloc ulong[8];
        Assert.Equal(-1, ProcessorCalls.WriteFlush(words, indexes, 0b1111, extended: false, out _));
        Assert.Equal(3, ProcessorCalls.WriteFlush(words, indexes, 0b1111, extended: true, out ulong code));
        Assert.Equal(0x13UL, code);
        ulong[] expected = [0, 2, 0, 0b111, 1UL << 3, 1UL << 0, 1UL << 2 | 1UL << 3];
        Assert.Equal(expected, new ReadOnlySpan<ulong>(words, 7).ToArray());
    }

    [Fact]
    public void An_interrupt_of_a_processor_above_63_has_its_set_after_the_vector()
    {
        uint* indexes = stackalloc uint[Smp.MaximumProcessors];
        indexes[5] = 4095;
        ulong* words = stackalloc ulong[4];
        Assert.Equal(1, ProcessorCalls.WriteInterrupt(words, indexes, 1UL << 5, 0xF1));
        ulong[] expected = [0xF1, 0, 1UL << 63, 1UL << 63];
        Assert.Equal(expected, new ReadOnlySpan<ulong>(words, 4).ToArray());
        indexes[5] = 4096;
        Assert.Equal(-1, ProcessorCalls.WriteInterrupt(words, indexes, 1UL << 5, 0xF1));
    }

    [Fact]
    public void A_sparse_set_names_exactly_its_members()
    {
        var random = new Random(20_240_601);
        uint* indexes = stackalloc uint[Smp.MaximumProcessors];
        ulong* words = stackalloc ulong[66];
        for (int round = 0; round < 500; round++)
        {
            uint[] numbers = Enumerable.Range(0, 4096).Select(i => (uint)i).ToArray();
            random.Shuffle(numbers);
            for (int i = 0; i < Smp.MaximumProcessors; i++)
                indexes[i] = numbers[i];
            ulong processors = (ulong)random.NextInt64();
            int banks = VpSet.WriteSparse(indexes, processors, words);
            var named = new SortedSet<uint>();
            int at = 2;
            for (int bank = 0; bank < 64; bank++)
            {
                if ((words[1] >> bank & 1) == 0)
                    continue;
                for (int bit = 0; bit < 64; bit++)
                {
                    if ((words[at] >> bit & 1) != 0)
                        named.Add((uint)((bank * 64) + bit));
                }

                at++;
            }

            Assert.Equal(banks, at - 2);
            Assert.Equal(numbers.Take(64).Where((_, i) => (processors >> i & 1) != 0).Order(), named);
        }
    }

    [Theory]
    [InlineData(new uint[] { 0, 1, 2 }, 64u, true)]
    [InlineData(new uint[] { 0, 64, 4095 }, 0u, true)]
    [InlineData(new uint[] { 0, 4096 }, 0u, false)]
    [InlineData(new uint[] { 0, 64 }, 64u, false)]
    [InlineData(new uint[] { 1, 0, 1 }, 64u, false)]
    [InlineData(new uint[] { uint.MaxValue }, 64u, false)]
    public void Numbers_of_processors_are_not_believed_blindly(uint[] indexes, uint maximum, bool expected)
    {
        fixed (uint* first = indexes)
            Assert.Equal(expected, VpIndexes.AreUsable(first, indexes.Length, maximum));
    }

    [Theory]
    [InlineData(0u, 0u, false)]
    [InlineData(4095u, 4095u, true)]
    [InlineData(4096u, 4095u, false)]
    [InlineData(8190u, 4095u, true)]
    public void A_long_wait_is_told_at_every_multiple(uint spins, uint limit, bool expected) =>
        Assert.Equal(expected, KernelLock.IsNoticeDue(spins, limit));
}
