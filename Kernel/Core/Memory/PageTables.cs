namespace GuestOS.Kernel.Core;

/// <summary>
/// The one set of page tables. Physical memory is mapped one to one (2 MiB pages, except where permissions differ); demand-paged
/// mappings and device registers lie above it, in 4 KiB pages. LOCKING: the kernel lock, or single-processor boot.
/// </summary>
internal static unsafe class PageTables
{
    public const ulong Present = 1;
    public const ulong Writable = 2;
    public const ulong WriteThrough = 1 << 3;
    public const ulong CacheDisable = 1 << 4;
    public const ulong Large = 1 << 7;

    /// <summary>Software bit: the entry holds a page whose mapping is at present PROT_NONE, so its data must survive.</summary>
    public const ulong Parked = 1 << 9;

    /// <summary>Software bit: the page belongs to a thread's stack, which is not counted as promised before it is touched.</summary>
    public const ulong Stack = 1 << 10;

    public const ulong NoExecute = 1UL << 63;
    public const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>End of the one-to-one map: one PML4 slot.</summary>
    public const ulong IdentityLimit = 512UL << 30;

    /// <summary>Uncached mappings of device registers.</summary>
    public const ulong DeviceBase = 0x0000_0100_0000_0000;
    public const ulong DeviceLimit = 0x0000_0200_0000_0000;

    private static ulong* s_root;
    private static ulong s_deviceNext;

    /// <summary>Physical address of the root, for the other processors.</summary>
    public static ulong Root => (ulong)s_root;

    /// <summary>Maps the low 4 GiB and the kernel image, leaves page 0 unmapped, and switches to the new tables.</summary>
    public static bool Initialize(ulong highestAddress)
    {
        s_root = (ulong*)PhysicalMemory.AllocatePage();
        s_deviceNext = DeviceBase;
        if (s_root == null)
            return false;
        ulong end = highestAddress < (4UL << 30) ? 4UL << 30 : highestAddress;
        if (end > IdentityLimit)
            end = IdentityLimit;
        for (ulong address = 0; address < end; address += Page.LargeSize)
        {
            ulong* entry = Entry(address, 1, create: true);
            if (entry == null)
                return false;
            *entry = address | Present | Writable | Large | NoExecute;
        }

        // A null reference must fault; nothing of page 0 is needed once boot information has been copied.
        ulong* zero = Entry(0, 0, create: true);
        if (zero == null)
            return false;
        *zero = 0;
        if (!ProtectImage())
            return false;
        Cpu.WriteCr3(Root);
        return true;
    }

    /// <summary>Gives each segment of the loaded image the permissions of its ELF program header.</summary>
    private static bool ProtectImage()
    {
        byte* elf = (byte*)Link.ImageStart();
        byte* header = elf + *(ulong*)(elf + 32);
        int count = *(ushort*)(elf + 56);
        int size = *(ushort*)(elf + 54);
        for (int i = 0; i < count; i++, header += size)
        {
            const uint loadSegment = 1;
            if (*(uint*)header != loadSegment)
                continue;
            uint flags = *(uint*)(header + 4);
            ulong start = Page.Down(*(ulong*)(header + 16));
            ulong end = Page.Up(*(ulong*)(header + 16) + *(ulong*)(header + 40));
            for (ulong address = start; address < end; address += Page.Size)
            {
                ulong* entry = Entry(address, 0, create: true);
                if (entry == null)
                    return false;
                *entry = address | Present | ((flags & 2) != 0 ? Writable : 0) | ((flags & 1) != 0 ? 0 : NoExecute);
            }
        }

        return true;
    }

    /// <summary>Changes the permissions of pages of the image; they stay readable.</summary>
    public static void ProtectImage(ulong start, ulong end, uint protection)
    {
        for (ulong address = start; address < end; address += Page.Size)
        {
            ulong* entry = Entry(address, 0, create: false);
            if (entry != null)
                *entry = address | Present | ((protection & Protection.Write) != 0 ? Writable : 0) | ((protection & Protection.Execute) != 0 ? 0 : NoExecute);
        }
    }

    /// <summary>Makes one page of the one-to-one map executable or not: for the start-up code of other processors.</summary>
    public static void SetIdentityExecutable(ulong address, bool executable)
    {
        ulong* entry = Entry(address, 0, create: true);
        if (entry == null)
            return;
        *entry = executable ? *entry & ~NoExecute : *entry | NoExecute;
        Cpu.InvalidatePage(address);
    }

    /// <summary>
    /// Makes one page of the one-to-one map code (executable, not writable) or data (the other way round). The caller flushes.
    /// </summary>
    /// <returns>1 when it was code before, 0 when it was data, -1 when no memory is left for a page table.</returns>
    public static int ExchangeExecutable(ulong address, bool executable)
    {
        ulong* entry = Entry(address, 0, create: true);
        if (entry == null)
            return -1;
        int before = (*entry & NoExecute) == 0 ? 1 : 0;
        *entry = executable ? *entry & ~(NoExecute | Writable) : *entry | NoExecute | Writable;
        return before;
    }

    /// <summary>Whether registers that were mapped with <see cref="MapDevice"/> lie in a physical range.</summary>
    public static bool HasDevice(ulong start, ulong end)
    {
        for (ulong page = DeviceBase; page < s_deviceNext; page += Page.Size)
        {
            ulong physical = Translate(page);
            if (physical >= start && physical < end)
                return true;
        }

        return false;
    }

    /// <summary>Extends the one-to-one map by memory; both ends are multiples of 2 MiB. False when no page is left for a table.</summary>
    public static bool MapMemory(ulong start, ulong end)
    {
        for (ulong address = start; address < end; address += Page.LargeSize)
        {
            ulong* entry = Entry(address, 1, create: true);
            if (entry == null)
                return false;
            // What is mapped already may be split, and is then as it should be.
            if ((*entry & Present) == 0)
                *entry = address | Present | Writable | Large | NoExecute;
        }

        return true;
    }

    /// <summary>Maps device registers uncached; returns the virtual address of the first byte, or 0.</summary>
    public static ulong MapDevice(ulong physical, ulong length)
    {
        ulong first = Page.Down(physical);
        ulong end = Page.Up(physical + length);
        if (end <= first || end - first > DeviceLimit - s_deviceNext)
            return 0;
        ulong start = s_deviceNext;
        for (ulong page = first; page < end; page += Page.Size)
        {
            ulong* entry = Entry(start + (page - first), 0, create: true);
            if (entry == null)
                return 0;
            *entry = page | Present | Writable | CacheDisable | WriteThrough | NoExecute;
        }

        s_deviceNext = start + (end - first) + Page.Size;
        return start + (physical - first);
    }

    /// <summary>
    /// The entry that maps an address at a level (0: 4 KiB, 1: 2 MiB), or null when a table is missing and either
    /// <paramref name="create"/> is false or no memory is left. A large page on the way is split.
    /// </summary>
    public static ulong* Entry(ulong address, int level, bool create)
    {
        ulong* table = s_root;
        for (int depth = 3; depth > level; depth--)
        {
            ulong* entry = table + ((address >> (12 + (9 * depth))) & 511);
            if ((*entry & Present) == 0)
            {
                if (!create)
                    return null;
                ulong page = PhysicalMemory.AllocatePage();
                if (page == 0)
                    return null;
                *entry = page | Present | Writable;
            }
            else if ((*entry & Large) != 0 && !Split(entry))
            {
                return null;
            }

            table = (ulong*)(*entry & AddressMask);
        }

        return table + ((address >> (12 + (9 * level))) & 511);
    }

    /// <summary>First address at or after <paramref name="address"/> that has a lowest-level table, at most <paramref name="end"/>.</summary>
    public static ulong NextMapped(ulong address, ulong end)
    {
        while (address < end)
        {
            ulong* table = s_root;
            int depth = 3;
            for (; depth > 0; depth--)
            {
                ulong entry = table[(address >> (12 + (9 * depth))) & 511];
                if ((entry & Present) == 0)
                    break;
                table = (ulong*)(entry & AddressMask);
            }

            if (depth == 0)
                return address;
            ulong span = 1UL << (12 + (9 * depth));
            address = (address & ~(span - 1)) + span;
        }

        return end;
    }

    /// <summary>Whether a page is present and may be written now; a large page counts as not.</summary>
    public static bool IsWritable(ulong address)
    {
        ulong* table = s_root;
        for (int depth = 3; depth >= 0; depth--)
        {
            ulong entry = table[(address >> (12 + (9 * depth))) & 511];
            if ((entry & (Present | Writable)) != (Present | Writable))
                return false;
            if (depth != 0 && (entry & Large) != 0)
                return false;
            table = (ulong*)(entry & AddressMask);
        }

        return true;
    }

    /// <summary>Physical address behind a virtual one, or 0 when nothing is mapped there.</summary>
    public static ulong Translate(ulong address)
    {
        ulong* table = s_root;
        for (int depth = 3; depth >= 0; depth--)
        {
            ulong entry = table[(address >> (12 + (9 * depth))) & 511];
            if ((entry & Present) == 0)
                return 0;
            if (depth == 0 || (entry & Large) != 0)
            {
                ulong span = 1UL << (12 + (9 * depth));
                return (entry & AddressMask & ~(span - 1)) | (address & (span - 1));
            }

            table = (ulong*)(entry & AddressMask);
        }

        return 0;
    }

    private static bool Split(ulong* entry)
    {
        ulong* table = (ulong*)PhysicalMemory.AllocatePage();
        if (table == null)
            return false;
        ulong flags = *entry & ~(AddressMask | Large);
        ulong address = *entry & AddressMask;
        for (ulong i = 0; i < 512; i++)
            table[i] = (address + (i << Page.Shift)) | flags;
        *entry = (ulong)table | Present | Writable;
        return true;
    }
}
