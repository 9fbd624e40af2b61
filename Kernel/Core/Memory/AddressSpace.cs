namespace GuestOS.Kernel.Core;

/// <summary>
/// The mappings that the runtime made, sorted by address; pages appear when they are touched. A reservation of hundreds of GiB is
/// one record. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class AddressSpace
{
    /// <summary>Where mappings without a fixed address go.</summary>
    public const ulong Base = 0x0000_1000_0000_0000;
    public const ulong Limit = 0x0000_3000_0000_0000;

    private static Mapping* s_mappings;
    private static int s_count;
    private static int s_capacity;

    /// <summary>Pages of the table; records need not fill them.</summary>
    private static ulong s_tablePages;

    /// <summary>Pages present in mappings now.</summary>
    public static ulong ResidentPages;

    /// <summary>Pages of mappings that may be touched at any time, and how many of these are present.</summary>
    public static ulong PromisedPages, ResidentPromisedPages;

    /// <summary>Pages that are promised and not there yet.</summary>
    public static ulong UntouchedPages => PromisedPages - ResidentPromisedPages;

    public static int Count => s_count;

    public static Mapping* At(int index) => s_mappings + index;

    public static bool Initialize()
    {
        s_tablePages = 1;
        s_mappings = (Mapping*)PhysicalMemory.AllocateContiguous(s_tablePages, ulong.MaxValue, 0);
        s_capacity = (int)((s_tablePages << Page.Shift) / (ulong)sizeof(Mapping));
        return s_mappings != null;
    }

    /// <summary>The mapping that holds an address, or null.</summary>
    public static Mapping* Find(ulong address)
    {
        int index = LowerBound(address);
        if (index == s_count || s_mappings[index].Start > address)
            return null;
        return s_mappings + index;
    }

    /// <summary>A new mapping of free address space; returns its start or 0.</summary>
    public static ulong Map(ulong length, uint protection, uint use)
    {
        length = Page.Up(length);
        if (length == 0 || length > Limit - Base)
            return 0;
        ulong start = FindGap(length);
        if (start == 0 || !Insert(start, start + length, protection, use))
            return 0;
        return start;
    }

    /// <summary>A new mapping at a given place; whatever was there is gone.</summary>
    public static bool MapFixed(ulong start, ulong length, uint protection)
    {
        ulong end = start + Page.Up(length);
        if ((start & Page.Mask) != 0 || end <= start || start < Base || end > Limit)
            return false;
        return Unmap(start, end - start) && Insert(start, end, protection, Mapping.General);
    }

    public static bool Unmap(ulong start, ulong length)
    {
        ulong end = start + Page.Up(length);
        if ((start & Page.Mask) != 0 || end <= start)
            return false;
        if (!SplitAt(start) || !SplitAt(end))
            return false;
        int first = LowerBound(start);
        int last = first;
        while (last < s_count && s_mappings[last].End <= end)
            last++;
        if (first == last)
            return true;
        ReleasePages(start, end);
        for (int i = first; i < last; i++)
        {
            if (s_mappings[i].IsPromised)
                PromisedPages -= (s_mappings[i].End - s_mappings[i].Start) >> Page.Shift;
        }

        Remove(first, last - first);
        return true;
    }

    /// <summary>
    /// Changes the protection of a fully mapped range; data survives PROT_NONE. Returns false when part of it is not mapped, or when it becomes
    /// writable and memory does not suffice (<see cref="Commitment"/>).
    /// </summary>
    public static bool Protect(ulong start, ulong length, uint protection)
    {
        ulong end = start + Page.Up(length);
        if ((start & Page.Mask) != 0 || end <= start)
            return false;
        ulong covered = start;
        for (int i = LowerBound(start); covered < end; i++)
        {
            if (i == s_count || s_mappings[i].Start > covered)
                return false;
            covered = s_mappings[i].End;
        }

        // Pages that are there already need no memory; they are counted only where that decides.
        ulong promises = NewPromises(start, end, protection, onlyAbsent: false);
        if (promises > Commitment.Spare(PhysicalMemory.FreePages, UntouchedPages) && !Commitment.TrySpare(NewPromises(start, end, protection, onlyAbsent: true)))
            return false;
        if (!SplitAt(start) || !SplitAt(end))
            return false;
        for (int i = LowerBound(start); i < s_count && s_mappings[i].Start < end; i++)
        {
            ulong pages = (s_mappings[i].End - s_mappings[i].Start) >> Page.Shift;
            if (s_mappings[i].IsPromised)
                PromisedPages -= pages;
            s_mappings[i].Protection = protection;
            if (s_mappings[i].IsPromised)
                PromisedPages += pages;
        }

        Merge(start, end);
        ProtectPages(start, end, protection);
        return true;
    }

    /// <summary>Gives the pages of a range back; they read as zero when touched again.</summary>
    public static void Discard(ulong start, ulong length) => ReleasePages(start, start + Page.Up(length));

    /// <summary>Hardware flags of a mapping's pages.</summary>
    public static ulong PageFlags(uint protection) =>
        ((protection & (Protection.Read | Protection.Write | Protection.Execute)) != 0 ? PageTables.Present : PageTables.Parked)
        | ((protection & Protection.Write) != 0 ? PageTables.Writable : 0)
        | ((protection & Protection.Execute) != 0 ? 0 : PageTables.NoExecute);

    /// <summary>Whether the page of an entry counts among the promised ones: <see cref="Mapping.IsPromised"/> of its mapping.</summary>
    public static bool IsPromised(ulong entry) => (entry & (PageTables.Writable | PageTables.Stack)) == PageTables.Writable;

    /// <summary>Pages of a range that a change of protection would promise.</summary>
    private static ulong NewPromises(ulong start, ulong end, uint protection, bool onlyAbsent)
    {
        ulong pages = 0;
        for (int i = LowerBound(start); i < s_count && s_mappings[i].Start < end; i++)
        {
            Mapping* mapping = s_mappings + i;
            if (mapping->IsPromised || !Mapping.Promises(protection, mapping->Use))
                continue;
            ulong first = mapping->Start > start ? mapping->Start : start;
            ulong last = mapping->End < end ? mapping->End : end;
            pages += (last - first) >> Page.Shift;
            if (onlyAbsent)
                pages -= CountPages(first, last);
        }

        return pages;
    }

    private static ulong CountPages(ulong start, ulong end)
    {
        ulong count = 0;
        for (ulong address = PageTables.NextMapped(start, end); address < end; address = PageTables.NextMapped(address + Page.Size, end))
        {
            if ((*PageTables.Entry(address, 0, create: false) & (PageTables.Present | PageTables.Parked)) != 0)
                count++;
        }

        return count;
    }

    private static void ReleasePages(ulong start, ulong end)
    {
        bool flush = false;
        // Pages are freed only after every processor has dropped its translations; they wait in a chain threaded through themselves.
        ulong chain = 0;
        for (ulong address = PageTables.NextMapped(start, end); address < end; address = PageTables.NextMapped(address + Page.Size, end))
        {
            ulong* entry = PageTables.Entry(address, 0, create: false);
            if ((*entry & (PageTables.Present | PageTables.Parked)) == 0)
                continue;
            ulong page = *entry & PageTables.AddressMask;
            flush |= (*entry & PageTables.Present) != 0;
            if (IsPromised(*entry))
                ResidentPromisedPages--;
            *entry = 0;
            *(ulong*)page = chain;
            chain = page;
            ResidentPages--;
        }

        if (flush)
            Tlb.FlushAll();
        while (chain != 0)
        {
            ulong next = *(ulong*)chain;
            PhysicalMemory.FreePage(chain);
            chain = next;
        }
    }

    private static void ProtectPages(ulong start, ulong end, uint protection)
    {
        ulong flags = PageFlags(protection);
        bool flush = false;
        for (ulong address = PageTables.NextMapped(start, end); address < end; address = PageTables.NextMapped(address + Page.Size, end))
        {
            ulong* entry = PageTables.Entry(address, 0, create: false);
            if ((*entry & (PageTables.Present | PageTables.Parked)) == 0)
                continue;
            ulong changed = (*entry & (PageTables.AddressMask | PageTables.Stack)) | flags;
            // Gaining rights needs no flush: a stale entry faults once, and the fault handler finds the new one.
            bool loses = (*entry & PageTables.Present & ~flags) != 0 || (*entry & PageTables.Writable & ~flags) != 0
                || (~*entry & flags & PageTables.NoExecute) != 0;
            flush |= loses && (*entry & PageTables.Present) != 0;
            if (IsPromised(*entry))
                ResidentPromisedPages--;
            if (IsPromised(changed))
                ResidentPromisedPages++;
            *entry = changed;
        }

        if (flush)
            Tlb.FlushAll();
    }

    /// <summary>Index of the first mapping that ends after an address.</summary>
    private static int LowerBound(ulong address)
    {
        int low = 0;
        int high = s_count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (s_mappings[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static ulong FindGap(ulong length)
    {
        // One page stays free before each mapping, so that running off an end faults.
        ulong candidate = Base;
        for (int i = LowerBound(Base); i < s_count; i++)
        {
            if (s_mappings[i].Start >= candidate + length + Page.Size)
                return candidate;
            candidate = s_mappings[i].End + Page.Size;
            // Large reservations are aligned, which keeps their page tables apart.
            if (length >= Page.LargeSize)
                candidate = (candidate + Page.LargeSize - 1) & ~(Page.LargeSize - 1);
        }

        return candidate + length <= Limit ? candidate : 0;
    }

    private static bool Insert(ulong start, ulong end, uint protection, uint use)
    {
        int index = LowerBound(start);
        if (!MakeRoom(index))
            return false;
        s_mappings[index].Start = start;
        s_mappings[index].End = end;
        s_mappings[index].Protection = protection;
        s_mappings[index].Use = use;
        if (s_mappings[index].IsPromised)
            PromisedPages += (end - start) >> Page.Shift;
        Merge(start, end);
        return true;
    }

    private static bool SplitAt(ulong address)
    {
        int index = LowerBound(address);
        if (index == s_count || s_mappings[index].Start >= address)
            return true;
        if (!MakeRoom(index))
            return false;
        s_mappings[index] = s_mappings[index + 1];
        s_mappings[index].End = address;
        s_mappings[index + 1].Start = address;
        return true;
    }

    private static void Merge(ulong start, ulong end)
    {
        int index = LowerBound(start);
        if (index > 0)
            index--;
        while (index + 1 < s_count && s_mappings[index].Start <= end)
        {
            Mapping* left = s_mappings + index;
            Mapping* right = left + 1;
            if (left->End == right->Start && left->Protection == right->Protection && left->Use == right->Use)
            {
                left->End = right->End;
                Remove(index + 1, 1);
            }
            else
            {
                index++;
            }
        }
    }

    private static bool MakeRoom(int index)
    {
        if (s_count == s_capacity)
        {
            Mapping* larger = (Mapping*)PhysicalMemory.AllocateContiguous(s_tablePages * 2, ulong.MaxValue, 0);
            if (larger == null)
                return false;
            Cpu.Copy(larger, s_mappings, s_tablePages << Page.Shift);
            PhysicalMemory.Free((ulong)s_mappings, s_tablePages);
            s_mappings = larger;
            s_tablePages *= 2;
            s_capacity = (int)((s_tablePages << Page.Shift) / (ulong)sizeof(Mapping));
        }

        Cpu.Copy(s_mappings + index + 1, s_mappings + index, (ulong)(s_count - index) * (ulong)sizeof(Mapping));
        s_count++;
        return true;
    }

    private static void Remove(int index, int count)
    {
        Cpu.Copy(s_mappings + index, s_mappings + index + count, (ulong)(s_count - index - count) * (ulong)sizeof(Mapping));
        s_count -= count;
    }
}
