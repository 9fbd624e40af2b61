using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests.Boot;

/// <summary>What the kernel makes of memory maps that repeat and contradict themselves.</summary>
public sealed unsafe class MemoryMapTests : IDisposable
{
    private const uint Usable = 1, Reserved = 2, Reclaimable = 3;
    private const ulong GiB = 1UL << 30;

    public MemoryMapTests() => KernelState.Reset(typeof(BootInfo));

    // Other tests read a map of their own.
    public void Dispose() => KernelState.Reset(typeof(BootInfo));

    [Fact]
    public void Memory_that_is_listed_twice_counts_once() =>
        Assert.Equal([(0x1000UL, 0x9000UL, Usable)], Flat((0x4000, 0x5000, Usable), (0x1000, 0x4000, Usable), (0x4000, 0x5000, Usable)));

    [Fact]
    public void Memory_that_any_entry_withholds_is_not_usable() =>
        Assert.Equal(
            [(0x1000UL, 0x3000UL, Usable), (0x3000UL, 0x4000UL, Reserved), (0x4000UL, 0x8000UL, Usable)],
            Flat((0x1000, 0x7000, Usable), (0x3000, 0x1000, Reserved)));

    [Fact]
    public void Entries_of_no_known_type_withhold_memory_as_well() =>
        Assert.Equal(
            [(0x1000UL, 0x2000UL, 0u), (0x2000UL, 0x3000UL, Usable), (0x3000UL, 0x4000UL, 77u)],
            Flat((0x1000, 0x3000, Usable), (0x1000, 0x1000, 0), (0x3000, 0x1000, 77)));

    [Fact]
    public void Neighbours_of_two_types_stay_two() =>
        Assert.Equal([(0x1000UL, 0x2000UL, Usable), (0x2000UL, 0x3000UL, Reclaimable)], Flat((0x2000, 0x1000, Reclaimable), (0x1000, 0x1000, Usable)));

    [Fact]
    public void A_full_map_of_ranges_that_all_overlap_has_room_for_its_pieces()
    {
        var ranges = Enumerable.Range(0, BootInfo.MaximumRanges).Select(i => ((ulong)i * 0x1000, 0x1000_0000 - (ulong)i * 0x2000, (uint)i + 1)).ToArray();

        Assert.Equal((BootInfo.MaximumRanges * 2) - 1, Flat(ranges).Length);
    }

    [Fact]
    public void Any_map_says_of_every_page_what_its_strictest_entry_says()
    {
        for (int seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var ranges = Enumerable.Range(0, random.Next(1, 12)).Select(_ => ((ulong)random.Next(40), (ulong)random.Next(1, 12), (uint)random.Next(5))).ToArray();
            var flat = Flat(ranges);
            for (ulong at = 0; at < 60; at++)
            {
                uint[] types = [.. ranges.Where(range => range.Item1 <= at && at < range.Item1 + range.Item2).Select(range => range.Item3)];
                uint[] said = [.. flat.Where(range => range.Start <= at && at < range.End).Select(range => range.Type)];
                uint[] expected = types.Length == 0 ? [] : [types.All(type => type == Usable) ? Usable : types.Where(type => type != Usable).Max()];
                Assert.True(expected.SequenceEqual(said), $"seed {seed}: at {at} of {string.Join(' ', ranges)} there is {string.Join(' ', said)}");
            }
        }
    }

    [Fact]
    public void Of_memory_that_goes_on_beyond_what_can_be_mapped_the_part_below_is_measured()
    {
        KernelState.Reset(typeof(PhysicalLayout));
        Flat((0x100000, 0xFF00000, Usable), (4 * GiB, 1020 * GiB, Usable), (1024 * GiB, 12 * GiB, Reserved));

        PhysicalLayout.Measure();

        Assert.Equal(512 * GiB, PhysicalLayout.HighestUsable);
        Assert.Equal(512 * GiB, PhysicalLayout.MappedEnd);
        Assert.Equal((508 * GiB) + 0xFF00000, PhysicalLayout.UsableBytes);
    }

    private static (ulong Start, ulong End, uint Type)[] Flat(params (ulong Start, ulong Length, uint Type)[] ranges)
    {
        for (int i = 0; i < ranges.Length; i++)
            BootInfo.Ranges[i] = new MemoryRange { Start = ranges[i].Start, Length = ranges[i].Length, Type = (MemoryRangeType)ranges[i].Type };
        BootInfo.RangeCount = MemoryMap.Flatten(BootInfo.Ranges, ranges.Length);
        return [.. Enumerable.Range(0, BootInfo.RangeCount).Select(i => (BootInfo.Ranges[i].Start, BootInfo.Ranges[i].End, (uint)BootInfo.Ranges[i].Type))];
    }
}
