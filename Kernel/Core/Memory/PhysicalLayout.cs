namespace GuestOS.Kernel.Core;

/// <summary>
/// Turns the boot protocol's memory map into what the allocator may hand out: usable ranges above 1 MiB without the kernel image,
/// modules and the allocator's own state. Runs once, before anything else allocates.
/// </summary>
internal static unsafe class PhysicalLayout
{
    private const ulong LowMemoryEnd = 1 << 20;
    private const ulong FourGiB = 4UL << 30;

    /// <summary>Usable bytes in the boot protocol's map, and the end of the highest such range.</summary>
    public static ulong UsableBytes, HighestUsable;

    /// <summary>End of the one-to-one map: at least 4 GiB, since firmware keeps tables in reserved ranges too.</summary>
    public static ulong MappedEnd;

    private static ulong s_stateStart, s_stateEnd;

    public static bool Initialize()
    {
        Measure();
        if (!PlaceState())
            return false;
        PhysicalMemory.Initialize((byte*)s_stateStart, HighestUsable);
        AddBetween(LowMemoryEnd, FourGiB);
        if (!PageTables.Initialize(MappedEnd))
            return false;
        // Only now is memory above 4 GiB mapped.
        AddBetween(FourGiB, PageTables.IdentityLimit);
        return true;
    }

    /// <summary>Finds out how much memory there is, and how much to map. Of a range that goes on beyond what can be mapped, what lies below counts.</summary>
    public static void Measure()
    {
        for (int i = 0; i < BootInfo.RangeCount; i++)
        {
            MemoryRange* range = BootInfo.Ranges + i;
            ulong end = range->End < PageTables.IdentityLimit ? range->End : PageTables.IdentityLimit;
            if (range->Start >= end)
                continue;
            if (range->Type is MemoryRangeType.Usable or MemoryRangeType.AcpiReclaimable or MemoryRangeType.AcpiNonVolatile && end > MappedEnd)
                MappedEnd = end;
            if (range->Type != MemoryRangeType.Usable)
                continue;
            UsableBytes += end - range->Start;
            if (end > HighestUsable)
                HighestUsable = end;
        }

        if (MappedEnd < FourGiB)
            MappedEnd = FourGiB;
    }

    /// <summary>Finds room for the allocator's state in mapped memory.</summary>
    private static bool PlaceState()
    {
        ulong size = PageStates.Size(0, HighestUsable);
        for (int i = BootInfo.RangeCount - 1; i >= 0; i--)
        {
            MemoryRange* range = BootInfo.Ranges + i;
            if (range->Type != MemoryRangeType.Usable || range->Start >= FourGiB)
                continue;
            ulong start = Page.Up(range->Start < LowMemoryEnd ? LowMemoryEnd : range->Start);
            ulong end = range->End > FourGiB ? FourGiB : range->End;
            start = Above(start, Page.Down(Link.ImageStart()), Page.Up(Link.ImageEnd()), size);
            start = Above(start, Page.Down(BootInfo.ModuleStart), Page.Up(BootInfo.ModuleEnd), size);
            start = Above(start, Page.Down(Link.ImageStart()), Page.Up(Link.ImageEnd()), size);
            if (start + size > Page.Down(end))
                continue;
            s_stateStart = start;
            s_stateEnd = start + size;
            return true;
        }

        return false;
    }

    /// <summary>A start at or after <paramref name="start"/> at which <paramref name="size"/> bytes do not meet the hole.</summary>
    private static ulong Above(ulong start, ulong holeStart, ulong holeEnd, ulong size) =>
        start < holeEnd && start + size > holeStart ? holeEnd : start;

    private static void AddBetween(ulong low, ulong high)
    {
        for (int i = 0; i < BootInfo.RangeCount; i++)
        {
            MemoryRange* range = BootInfo.Ranges + i;
            if (range->Type != MemoryRangeType.Usable)
                continue;
            ulong start = range->Start < low ? low : range->Start;
            ulong end = range->End > high ? high : range->End;
            AddAround(start, end, 0);
        }
    }

    /// <summary>Adds a range without the holes from a given one on.</summary>
    private static void AddAround(ulong start, ulong end, int hole)
    {
        if (start >= end)
            return;
        ulong holeStart;
        ulong holeEnd;
        switch (hole)
        {
            case 0:
                holeStart = Page.Down(Link.ImageStart());
                holeEnd = Page.Up(Link.ImageEnd());
                break;
            case 1:
                holeStart = Page.Down(BootInfo.ModuleStart);
                holeEnd = Page.Up(BootInfo.ModuleEnd);
                break;
            case 2:
                holeStart = s_stateStart;
                holeEnd = s_stateEnd;
                break;
            default:
                PhysicalMemory.Add(start, end);
                return;
        }

        if (holeEnd <= start || holeStart >= end)
        {
            AddAround(start, end, hole + 1);
            return;
        }

        AddAround(start, holeStart, hole + 1);
        AddAround(holeEnd, end, hole + 1);
    }
}
