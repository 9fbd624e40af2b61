using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class HotAddedMemoryTests
{
    private const ulong MiB = MemoryArena.MiB;
    private const ulong GiB = 1024 * MiB;
    private const ulong PagesPerMiB = MiB / 4096;

    public HotAddedMemoryTests()
    {
        KernelState.Reset(typeof(BootInfo));
        KernelState.Reset(typeof(HotAddedMemory));
        *BootInfo.Ranges = new MemoryRange { Start = MiB, Length = 511 * MiB, Type = MemoryRangeType.Usable };
        BootInfo.Ranges[1] = new MemoryRange { Start = 0xB000_0000, Length = 256 * MiB, Type = MemoryRangeType.Reserved };
        BootInfo.RangeCount = 2;
    }

    [Theory]
    [InlineData(512 * MiB, 640 * MiB, 0)]
    [InlineData(32 * GiB, 33 * GiB, 0)]
    [InlineData(511 * GiB, 512 * GiB, 0)]
    [InlineData(511 * MiB, 640 * MiB, Errno.EInval)]
    [InlineData(512 * MiB + 0x1000, 640 * MiB, Errno.EInval)]
    [InlineData(512 * MiB, 512 * MiB, Errno.EInval)]
    [InlineData(640 * MiB, 512 * MiB, Errno.EInval)]
    [InlineData(32 * GiB, 33 * GiB + 2 * MiB, Errno.EInval)]
    [InlineData(0, 2 * MiB, Errno.EInval)]
    [InlineData(511 * GiB + 2 * MiB, 512 * GiB + 2 * MiB, Errno.ERange)]
    [InlineData(0xFFFF_FFFF_FFE0_0000, 0, Errno.EInval)]
    [InlineData(510 * MiB, 640 * MiB, Errno.EExist)]
    [InlineData(0xAFE0_0000, 0xB020_0000, Errno.EExist)]
    [InlineData(0xBFE0_0000, 0xC020_0000, Errno.EExist)]
    [InlineData(0xF7E0_0000, 0xF820_0000, Errno.EExist)]
    [InlineData(0xFEC0_0000, 0xFEE0_0000, Errno.EExist)]
    public void A_range_is_taken_only_where_nothing_is(ulong start, ulong end, long expected)
    {
        Assert.Equal(expected, HotAddedMemory.Check(start, end));
    }

    [Fact]
    public void Added_memory_is_free_but_for_the_states_of_its_pages()
    {
        // Boot memory and added memory far apart, as much as the process's addresses allow: each in sections of its own.
        using MemoryArena boot = MemoryArena.Filled(32);
        using var added = new GuardedMemory(288 << 20);
        ulong start = (added.Address + PageStates.SectionSize - 1) & ~(PageStates.SectionSize - 1);
        Assert.False(PageStates.Has(start));
        ulong free = PhysicalMemory.FreePages;
        HotAddedMemory.TakeIn(start, start + 128 * MiB);
        ulong states = PageStates.SectionSize / 4096 / 4096;
        Assert.Equal(free + 128 * PagesPerMiB - states, PhysicalMemory.FreePages);
        Assert.Equal(128 * MiB, HotAddedMemory.Bytes);
        Assert.Equal(Errno.EExist, HotAddedMemory.Check(start + 2 * MiB, start + 4 * MiB));

        ulong pages = 0;
        for (ulong page; (page = PhysicalMemory.AllocateBlock(0, ulong.MaxValue)) != 0; pages++)
        {
            *(ulong*)page = page;
            Assert.True(page < boot.End || page >= start + (states * 4096));
        }

        Assert.Equal(free + 128 * PagesPerMiB - states, pages);
    }

    [Fact]
    public void Neighbours_are_one_range()
    {
        using MemoryArena boot = MemoryArena.Filled(32);
        using var added = new GuardedMemory(288 << 20);
        ulong start = (added.Address + PageStates.SectionSize - 1) & ~(PageStates.SectionSize - 1);
        for (ulong piece = 0; piece < 64; piece++)
            HotAddedMemory.TakeIn(start + piece * 2 * MiB, start + (piece + 1) * 2 * MiB);
        Assert.Equal(128 * MiB, HotAddedMemory.Bytes);
        ulong pages = PhysicalMemory.TakeRun(ulong.MaxValue, out ulong run);
        Assert.Equal(start + 128 * MiB, run + pages * 4096);
        Assert.Equal(128 * PagesPerMiB - 8, pages);
    }
}
