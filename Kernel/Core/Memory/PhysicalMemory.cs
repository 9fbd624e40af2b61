namespace GuestOS.Kernel.Core;

/// <summary>
/// Allocator of physical pages: a buddy system with one byte of state a page (<see cref="PageStates"/>) and free lists threaded through the free pages; memory
/// that was never needed stays out of the lists (<see cref="FreshMemory"/>).
/// Three zones keep memory that only old devices need for them: below 16 MiB, below 4 GiB, the rest; ordinary requests are served
/// from the top. LOCKING: the kernel lock, or single-processor boot.
/// </summary>
internal static unsafe class PhysicalMemory
{
    /// <summary>Largest block: 2^13 pages = 32 MiB.</summary>
    public const int MaximumOrder = 13;

    private const int Orders = MaximumOrder + 1;
    private const int Zones = 3;
    private const int LargePageOrder = 9;
    private const ulong Zone1Start = 16UL << 20;
    private const ulong Zone2Start = 4UL << 30;

    private struct FreeBlock
    {
        public FreeBlock* Next;
        public FreeBlock* Previous;
    }

    private struct FreeLists
    {
        public fixed ulong Heads[Zones * Orders];
    }

    /// <summary>Pages in blocks of 2 MiB or more that <see cref="TakeRun"/> leaves, 8 MiB: for the rings of devices that come later.</summary>
    private const ulong LargeReservePages = 2048;

    private static FreeLists s_lists;

    /// <summary>Pages in listed blocks of 2 MiB or more above 16 MiB.</summary>
    private static ulong s_largeListedPages;

    /// <summary>Pages that the allocator was ever given, free now, and least ever free.</summary>
    public static ulong TotalPages, FreePages, LeastFreePages;

    /// <summary>Pages that are out of use: the host has them.</summary>
    public static ulong TakenPages;

    /// <summary>Starts with everything absent; <paramref name="states"/> has <see cref="PageStates.Size"/> bytes.</summary>
    public static void Initialize(byte* states, ulong highestAddress)
    {
        PageStates.Clear();
        PageStates.Add(0, highestAddress, states);
        FreshMemory.Clear();
    }

    /// <summary>Gives pages to the allocator for the first time; their sections have states.</summary>
    public static void Add(ulong start, ulong end)
    {
        start = Page.Up(start);
        end = Page.Down(end);
        if (start >= end)
            return;
        TotalPages += (end - start) >> Page.Shift;
        AddFresh(start, end);
        LeastFreePages = FreePages;
    }

    /// <summary>Whether the page is managed by the allocator and at present handed out.</summary>
    public static bool IsAllocated(ulong address)
    {
        ulong pfn = address >> Page.Shift;
        byte* state = PageStates.Of(pfn);
        return state != null && *state == PageStates.Allocated && !IsInsideFreeBlock(pfn);
    }

    /// <summary>One zeroed page, or 0.</summary>
    public static ulong AllocatePage()
    {
        ulong address = AllocateBlock(0, ulong.MaxValue);
        if (address != 0)
            Cpu.ZeroPage((void*)address);
        return address;
    }

    /// <summary>A zeroed run of pages below an inclusive address limit, aligned to its size rounded up to a power of two; or 0.</summary>
    public static ulong AllocateContiguous(ulong pages, ulong highestAddress, ulong alignment)
    {
        int order = 0;
        while (order <= MaximumOrder && ((1UL << order) < pages || (Page.Size << order) < alignment))
            order++;
        if (order > MaximumOrder || pages == 0)
            return 0;
        ulong address = AllocateBlock(order, highestAddress);
        if (address == 0)
            return 0;
        ulong surplus = (1UL << order) - pages;
        if (surplus != 0)
            Free(address + (pages << Page.Shift), surplus);
        Cpu.Fill((void*)address, 0, pages << Page.Shift);
        return address;
    }

    /// <summary>Bytes of the longest free block.</summary>
    public static ulong LargestFree()
    {
        for (int order = MaximumOrder; order >= 0; order--)
        {
            for (int zone = 0; zone < Zones; zone++)
            {
                if (*Head(zone, order) != 0)
                    return Page.Size << order;
            }

            if (FreshMemory.Has(order))
                return Page.Size << order;
        }

        return 0;
    }

    /// <summary>
    /// Takes one run of free pages out of use, as long as it can be: first of the large blocks that were used before, since the host has
    /// had to back them, then of fresh memory, last of the small blocks. The zone below 16 MiB, which old devices need, and some large
    /// blocks, for devices that come later, are left alone.
    /// </summary>
    /// <param name="most">Most pages to take, not 0.</param>
    /// <param name="start">First address of the run.</param>
    /// <returns>Pages of the run; 0 when there is none.</returns>
    public static ulong TakeRun(ulong most, out ulong start)
    {
        ulong large = s_largeListedPages + (FreshMemory.Length(Zone1Start) >> Page.Shift);
        ulong mostLarge = large <= LargeReservePages ? 0 : large - LargeReservePages < most ? large - LargeReservePages : most;
        ulong pages = 0;
        if (mostLarge != 0)
        {
            most = mostLarge;
            pages = TakeListed(MaximumOrder, LargePageOrder, out start);
            if (pages == 0 && FreshMemory.TryTakeLongest(Zone1Start, most << Page.Shift, out start, out ulong end))
            {
                pages = (end - start) >> Page.Shift;
                FreePages -= pages;
            }
        }
        else
        {
            pages = TakeListed(LargePageOrder - 1, 0, out start);
        }

        if (pages > most)
        {
            Free(start + (most << Page.Shift), pages - most);
            pages = most;
        }

        if (pages == 0)
            return 0;
        PageStates.Fill(start >> Page.Shift, pages, PageStates.Taken);
        TakenPages += pages;
        if (FreePages < LeastFreePages)
            LeastFreePages = FreePages;
        return pages;
    }

    /// <summary>Unlinks the largest block of the lists above 16 MiB; its pages, or 0.</summary>
    private static ulong TakeListed(int highestOrder, int lowestOrder, out ulong start)
    {
        for (int order = highestOrder; order >= lowestOrder; order--)
        {
            for (int zone = Zones - 1; zone > 0; zone--)
            {
                start = *Head(zone, order);
                if (start == 0)
                    continue;
                Unlink(start, zone, order);
                *PageStates.Of(start >> Page.Shift) = PageStates.Allocated;
                FreePages -= 1UL << order;
                return 1UL << order;
            }
        }

        start = 0;
        return 0;
    }

    /// <summary>Puts a run that was taken out of use into use again; false, and nothing has changed, when not all of it was taken.</summary>
    public static bool TryGiveRun(ulong start, ulong pages)
    {
        ulong pfn = start >> Page.Shift;
        if (!PageStates.Are(pfn, pages, PageStates.Taken))
            return false;
        TakenPages -= pages;
        ulong end = start + (pages << Page.Shift);
        if (pages >= 1UL << MaximumOrder)
        {
            // The host has taken what was behind it: it is as good as never touched.
            PageStates.Fill(pfn, pages, PageStates.Absent);
            AddFresh(start, end);
        }
        else
        {
            PageStates.Fill(pfn, pages, PageStates.Allocated);
            Free(start, pages);
        }

        return true;
    }

    public static void FreePage(ulong address) => FreeBlockAt(address >> Page.Shift, 0);

    /// <summary>Frees a run of pages; merges with free neighbours.</summary>
    public static void Free(ulong address, ulong pages)
    {
        ulong pfn = address >> Page.Shift;
        ulong end = pfn + pages;
        while (pfn < end)
        {
            int order = 0;
            while (order < MaximumOrder && (pfn & ((2UL << order) - 1)) == 0 && pfn + (2UL << order) <= end)
                order++;
            FreeBlockAt(pfn, order);
            pfn += 1UL << order;
        }
    }

    /// <summary>Whether a zone begins at an address: ranges of two zones stay apart.</summary>
    public static bool IsZoneStart(ulong address) => address is Zone1Start or Zone2Start;

    private static int ZoneOf(ulong address) => address >= Zone2Start ? 2 : address >= Zone1Start ? 1 : 0;

    private static ulong* Head(int zone, int order)
    {
        fixed (ulong* heads = s_lists.Heads)
            return heads + (zone * Orders) + order;
    }

    /// <summary>
    /// A block that is not zeroed, aligned to its size, or 0. From the highest zone down; in each first what was in use before.
    /// </summary>
    public static ulong AllocateBlock(int order, ulong highestAddress)
    {
        for (int zone = Zones - 1; zone >= 0; zone--)
        {
            ulong address = AllocateListed(zone, order, highestAddress);
            ulong zoneStart = zone == 2 ? Zone2Start : zone == 1 ? Zone1Start : 0;
            if (address == 0 && FreshMemory.TryTake(zoneStart, order, highestAddress, out ulong start, out ulong end))
            {
                TakeIn(start, end);
                address = AllocateListed(ZoneOf(start), order, highestAddress);
            }

            if (address != 0)
                return address;
        }

        // The block may lie across listed and fresh memory, which merge in the lists only.
        return order != 0 && TakeAllIn() ? AllocateBlock(order, highestAddress) : 0;
    }

    /// <summary>Puts all fresh memory into the lists; false when there is none.</summary>
    private static bool TakeAllIn()
    {
        bool any = false;
        while (FreshMemory.TryTakeLongest(0, ulong.MaxValue, out ulong start, out ulong end))
        {
            TakeIn(start, end);
            any = true;
        }

        return any;
    }

    /// <summary>Takes a range whose pages have absent states into use, untouched where there is room to remember it.</summary>
    private static void AddFresh(ulong start, ulong end)
    {
        while (start < end)
        {
            // A range lies in one zone.
            ulong zoneEnd = ZoneOf(start) == 0 ? Zone1Start : ZoneOf(start) == 1 ? Zone2Start : ulong.MaxValue;
            ulong partEnd = end < zoneEnd ? end : zoneEnd;
            FreePages += (partEnd - start) >> Page.Shift;
            if (!FreshMemory.TryAdd(start, partEnd))
                TakeIn(start, partEnd);
            start = partEnd;
        }
    }

    /// <summary>Puts fresh memory, which is counted as free already, into the lists.</summary>
    private static void TakeIn(ulong start, ulong end)
    {
        ulong pages = (end - start) >> Page.Shift;
        FreePages -= pages;
        PageStates.Fill(start >> Page.Shift, pages, PageStates.Allocated);
        Free(start, pages);
    }

    private static ulong AllocateListed(int zone, int order, ulong highestAddress)
    {
        for (int size = order; size <= MaximumOrder; size++)
        {
            ulong address = *Head(zone, size);
            while (address != 0 && address + (Page.Size << order) - 1 > highestAddress)
                address = (ulong)((FreeBlock*)address)->Next;
            if (address == 0)
                continue;
            Unlink(address, zone, size);
            while (size > order)
            {
                size--;
                Link(address + (Page.Size << size), size);
            }

            *PageStates.Of(address >> Page.Shift) = PageStates.Allocated;
            FreePages -= 1UL << order;
            if (FreePages < LeastFreePages)
                LeastFreePages = FreePages;
            return address;
        }

        return 0;
    }

    private static void FreeBlockAt(ulong pfn, int order)
    {
        FreePages += 1UL << order;
        while (order < MaximumOrder)
        {
            ulong buddy = pfn ^ (1UL << order);
            byte* state = PageStates.Of(buddy);
            if (*state != (PageStates.Free | order) || ZoneOf(buddy << Page.Shift) != ZoneOf(pfn << Page.Shift))
                break;
            Unlink(buddy << Page.Shift, ZoneOf(buddy << Page.Shift), order);
            *state = PageStates.Allocated;
            pfn &= ~(1UL << order);
            order++;
        }

        Link(pfn << Page.Shift, order);
    }

    private static bool IsInsideFreeBlock(ulong pfn)
    {
        for (int order = 1; order <= MaximumOrder; order++)
        {
            ulong head = pfn & ~((1UL << order) - 1);
            byte state = *PageStates.Of(head);
            if (state >= PageStates.Free && state <= (PageStates.Free | MaximumOrder) && (state & 0x7F) >= order)
                return true;
        }

        return false;
    }

    private static void Link(ulong address, int order)
    {
        ulong* head = Head(ZoneOf(address), order);
        if (order >= LargePageOrder && address >= Zone1Start)
            s_largeListedPages += 1UL << order;
        FreeBlock* block = (FreeBlock*)address;
        block->Previous = null;
        block->Next = (FreeBlock*)*head;
        if (block->Next != null)
            block->Next->Previous = block;
        *head = address;
        *PageStates.Of(address >> Page.Shift) = (byte)(PageStates.Free | order);
    }

    private static void Unlink(ulong address, int zone, int order)
    {
        if (order >= LargePageOrder && zone != 0)
            s_largeListedPages -= 1UL << order;
        FreeBlock* block = (FreeBlock*)address;
        if (block->Previous != null)
            block->Previous->Next = block->Next;
        else
            *Head(zone, order) = (ulong)block->Next;
        if (block->Next != null)
            block->Next->Previous = block->Previous;
    }
}
