namespace GuestOS.Kernel.Core;

/// <summary>
/// Allocator of physical pages: a buddy system with one byte of state a page and free lists threaded through the free pages; memory
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
    private const ulong Zone1Start = 16UL << 20;
    private const ulong Zone2Start = 4UL << 30;

    private const byte StateAllocated = 0;
    private const byte StateFree = 0x80;
    private const byte StateAbsent = 0xFF;

    private struct FreeBlock
    {
        public FreeBlock* Next;
        public FreeBlock* Previous;
    }

    private struct FreeLists
    {
        public fixed ulong Heads[Zones * Orders];
    }

    private static FreeLists s_lists;
    private static byte* s_states;
    private static ulong s_pageCount;

    /// <summary>Pages that the allocator was ever given, free now, and least ever free.</summary>
    public static ulong TotalPages, FreePages, LeastFreePages;

    /// <summary>End of the highest usable range, in bytes.</summary>
    public static ulong HighestAddress => s_pageCount << Page.Shift;

    /// <summary>Bytes of state needed for memory up to this address.</summary>
    public static ulong StateSize(ulong highestAddress) => Page.Up(highestAddress >> Page.Shift);

    /// <summary>Starts with everything absent; <paramref name="states"/> has <see cref="StateSize"/> bytes.</summary>
    public static void Initialize(byte* states, ulong highestAddress)
    {
        s_states = states;
        s_pageCount = highestAddress >> Page.Shift;
        Cpu.Fill(states, StateAbsent, StateSize(highestAddress));
        FreshMemory.Clear();
    }

    /// <summary>Gives pages to the allocator for the first time.</summary>
    public static void Add(ulong start, ulong end)
    {
        start = Page.Up(start);
        end = Page.Down(end);
        if (end > HighestAddress)
            end = HighestAddress;
        if (start >= end)
            return;
        TotalPages += (end - start) >> Page.Shift;
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

        LeastFreePages = FreePages;
    }

    /// <summary>Whether the page is managed by the allocator and at present handed out.</summary>
    public static bool IsAllocated(ulong address)
    {
        ulong pfn = address >> Page.Shift;
        return pfn < s_pageCount && s_states[pfn] == StateAllocated && !IsInsideFreeBlock(pfn);
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

    private static int ZoneOf(ulong address) => address >= Zone2Start ? 2 : address >= Zone1Start ? 1 : 0;

    private static ulong* Head(int zone, int order)
    {
        fixed (ulong* heads = s_lists.Heads)
            return heads + (zone * Orders) + order;
    }

    /// <summary>From the highest zone down; in each first what was in use before.</summary>
    private static ulong AllocateBlock(int order, ulong highestAddress)
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

        return 0;
    }

    /// <summary>Puts fresh memory, which is counted as free already, into the lists.</summary>
    private static void TakeIn(ulong start, ulong end)
    {
        ulong pages = (end - start) >> Page.Shift;
        FreePages -= pages;
        Cpu.Fill(s_states + (start >> Page.Shift), StateAllocated, pages);
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

            s_states[address >> Page.Shift] = StateAllocated;
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
            if (buddy + (1UL << order) > s_pageCount || s_states[buddy] != (StateFree | order)
                || ZoneOf(buddy << Page.Shift) != ZoneOf(pfn << Page.Shift))
                break;
            Unlink(buddy << Page.Shift, ZoneOf(buddy << Page.Shift), order);
            s_states[buddy] = StateAllocated;
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
            byte state = s_states[head];
            if ((state & StateFree) != 0 && state != StateAbsent && (state & 0x7F) >= order)
                return true;
        }

        return false;
    }

    private static void Link(ulong address, int order)
    {
        ulong* head = Head(ZoneOf(address), order);
        FreeBlock* block = (FreeBlock*)address;
        block->Previous = null;
        block->Next = (FreeBlock*)*head;
        if (block->Next != null)
            block->Next->Previous = block;
        *head = address;
        s_states[address >> Page.Shift] = (byte)(StateFree | order);
    }

    private static void Unlink(ulong address, int zone, int order)
    {
        FreeBlock* block = (FreeBlock*)address;
        if (block->Previous != null)
            block->Previous->Next = block->Next;
        else
            *Head(zone, order) = (ulong)block->Next;
        if (block->Next != null)
            block->Next->Previous = block->Previous;
    }
}
