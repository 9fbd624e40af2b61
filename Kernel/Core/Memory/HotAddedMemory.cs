namespace GuestOS.Kernel.Core;

/// <summary>Memory that the host added while the machine runs. LOCKING: the kernel lock.</summary>
internal static unsafe class HotAddedMemory
{
    /// <summary>Most bytes of one call: mapping them and making their states holds the kernel lock.</summary>
    public const ulong LongestPiece = 1UL << 30;

    private const int Capacity = 64;
    private const ulong LowestAddress = 16UL << 20;
    private const ulong FourGiB = 4UL << 30;

    /// <summary>Hyper-V's gap for devices below 4 GiB; it holds the APICs and the firmware everywhere.</summary>
    private const ulong DeviceGap = 0xF800_0000;

    private struct Ranges
    {
        public fixed ulong Starts[Capacity];
        public fixed ulong Ends[Capacity];
    }

    private static Ranges s_ranges;
    private static int s_count;

    /// <summary>Bytes that were added.</summary>
    public static ulong Bytes;

    /// <summary>
    /// Takes a range into use: it is mapped one to one, the states of its pages are kept in its own beginning, the rest is free.
    /// Both ends are multiples of 2 MiB.
    /// </summary>
    public static long Add(ulong start, ulong length)
    {
        ulong end = start + length;
        long refusal = Check(start, end);
        if (refusal != 0)
            return refusal;
        if (s_count == Capacity && !IsBesideAnother(start, end))
            return Errno.ENoSpc;
        if (PageTables.HasDevice(start, end))
            return Errno.EExist;
        if (!PageTables.MapMemory(start, end))
            return Errno.ENoMem;
        TakeIn(start, end);
        return 0;
    }

    /// <summary>Takes a checked and mapped range into use.</summary>
    public static void TakeIn(ulong start, ulong end)
    {
        ulong states = 0;
        for (ulong section = start; section < end; section = (section | (PageStates.SectionSize - 1)) + 1)
            states += PageStates.Has(section) ? 0 : PageStates.Size(section, section + 1);
        PageStates.Add(start, end, (byte*)start);
        Remember(start, end);
        Bytes += end - start;
        PhysicalMemory.Add(start + Page.Up(states), end);
    }

    /// <summary>Whether a range can be added: 0, or why not.</summary>
    public static long Check(ulong start, ulong end)
    {
        if (((start | end) & (Page.LargeSize - 1)) != 0 || start >= end || end - start > LongestPiece || start < LowestAddress)
            return Errno.EInval;
        if (end > PageTables.IdentityLimit)
            return Errno.ERange;
        if (start < FourGiB && end > DeviceGap)
            return Errno.EExist;
        for (int i = 0; i < BootInfo.RangeCount; i++)
        {
            MemoryRange* range = BootInfo.Ranges + i;
            if (start < range->End && end > range->Start)
                return Errno.EExist;
        }

        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (start < ranges->Ends[i] && end > ranges->Starts[i])
                    return Errno.EExist;
            }
        }

        return 0;
    }

    private static bool IsBesideAnother(ulong start, ulong end)
    {
        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (ranges->Ends[i] == start || ranges->Starts[i] == end)
                    return true;
            }
        }

        return false;
    }

    private static void Remember(ulong start, ulong end)
    {
        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (ranges->Ends[i] == start)
                {
                    ranges->Ends[i] = end;
                    return;
                }

                if (ranges->Starts[i] == end)
                {
                    ranges->Starts[i] = start;
                    return;
                }
            }

            ranges->Starts[s_count] = start;
            ranges->Ends[s_count++] = end;
        }
    }
}
