namespace GuestOS.Kernel.Core;

/// <summary>
/// One byte of state for each physical page, in sections of 128 MiB: memory that is added far above the rest costs the states of its
/// own pages only. LOCKING: as <see cref="PhysicalMemory"/>.
/// </summary>
internal static unsafe class PageStates
{
    /// <summary>Handed out, or inside a free block whose first page says so.</summary>
    public const byte Allocated = 0;

    /// <summary>First page of a free block; the lower bits are its order.</summary>
    public const byte Free = 0x80;

    /// <summary>Taken out of use: the page is the host's.</summary>
    public const byte Taken = 0xFE;

    /// <summary>No memory, or memory that the free lists have not seen yet.</summary>
    public const byte Absent = 0xFF;

    /// <summary>Memory of one section. Larger than the largest block, so that a block and its buddy lie in one section.</summary>
    public const ulong SectionSize = 1UL << SectionShift;

    private const int SectionShift = 27;
    private const int SectionPageShift = SectionShift - Page.Shift;
    private const int Sections = (int)(PageTables.IdentityLimit >> SectionShift);
    private const ulong SectionBytes = 1UL << SectionPageShift;

    private struct Table
    {
        public fixed ulong Starts[Sections];
    }

    private static Table s_table;

    /// <summary>Bytes of state for all sections that a range touches.</summary>
    public static ulong Size(ulong start, ulong end) =>
        (((end + SectionSize - 1) >> SectionShift) - (start >> SectionShift)) * SectionBytes;

    /// <summary>Forgets all sections.</summary>
    public static void Clear()
    {
        fixed (ulong* starts = s_table.Starts)
        {
            for (int i = 0; i < Sections; i++)
                starts[i] = 0;
        }
    }

    /// <summary>Whether the section of an address has states.</summary>
    public static bool Has(ulong address) => Of(address >> Page.Shift) != null;

    /// <summary>
    /// Gives the sections of a range their states, all absent; sections that have some keep them. <paramref name="memory"/> has
    /// <see cref="Size"/> bytes.
    /// </summary>
    public static void Add(ulong start, ulong end, byte* memory)
    {
        fixed (ulong* starts = s_table.Starts)
        {
            for (ulong section = start >> SectionShift; section < Sections && section << SectionShift < end; section++)
            {
                if (starts[section] != 0)
                    continue;
                Fill(memory, SectionBytes, Absent);
                starts[section] = (ulong)memory;
                memory += SectionBytes;
            }
        }
    }

    /// <summary>The state of a page, followed by those of the other pages of its section; null where there is no memory.</summary>
    public static byte* Of(ulong pfn)
    {
        ulong section = pfn >> SectionPageShift;
        if (section >= Sections)
            return null;
        fixed (ulong* starts = s_table.Starts)
        {
            ulong first = starts[section];
            return first == 0 ? null : (byte*)(first + (pfn & (SectionBytes - 1)));
        }
    }

    /// <summary>Sets the states of a run of pages that all have some.</summary>
    public static void Fill(ulong pfn, ulong pages, byte state)
    {
        while (pages != 0)
        {
            ulong part = SectionBytes - (pfn & (SectionBytes - 1));
            if (part > pages)
                part = pages;
            Fill(Of(pfn), part, state);
            pfn += part;
            pages -= part;
        }
    }

    /// <summary>Whether every page of a run is in a state.</summary>
    public static bool Are(ulong pfn, ulong pages, byte state)
    {
        ulong pattern = state * 0x0101_0101_0101_0101UL;
        while (pages != 0)
        {
            ulong part = SectionBytes - (pfn & (SectionBytes - 1));
            if (part > pages)
                part = pages;
            byte* at = Of(pfn);
            if (at == null)
                return false;
            byte* end = at + part;
            for (; at < end && ((ulong)at & 7) != 0; at++)
            {
                if (*at != state)
                    return false;
            }

            for (; at + 8 <= end; at += 8)
            {
                if (*(ulong*)at != pattern)
                    return false;
            }

            for (; at < end; at++)
            {
                if (*at != state)
                    return false;
            }

            pfn += part;
            pages -= part;
        }

        return true;
    }

    private static void Fill(byte* at, ulong length, byte state)
    {
        byte* end = at + length;
        for (; at < end && ((ulong)at & 7) != 0; at++)
            *at = state;
        ulong pattern = state * 0x0101_0101_0101_0101UL;
        for (; at + 8 <= end; at += 8)
            *(ulong*)at = pattern;
        for (; at < end; at++)
            *at = state;
    }
}
