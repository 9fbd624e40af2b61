namespace GuestOS.Kernel.Core;

/// <summary>
/// Memory that goes to the host and comes back. Each call does a bounded amount of work, since it holds the one kernel lock; the caller
/// calls again for the rest. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class DynamicMemoryCalls
{
    /// <summary>Most pages that one call takes or gives: 1 GiB, whose states are 256 KiB.</summary>
    private const ulong MostPages = 1UL << 18;

    private const ulong MostRanges = 4096;

    /// <summary>Takes free pages out of use, but leaves some free, and those that are promised in any case; fills in their ranges and returns how many these are.</summary>
    public static long Take(ulong pages, ulong keepFree, Segment* ranges, ulong capacity)
    {
        if (capacity == 0 || capacity > MostRanges || !UserMemory.CanWrite((ulong)ranges, capacity * (ulong)sizeof(Segment)))
            return Errno.EFault;
        ulong left = pages < MostPages ? pages : MostPages;
        ulong count = 0;
        ulong kept = Commitment.Kept(AddressSpace.UntouchedPages);
        if (keepFree < kept)
            keepFree = kept;
        while (left != 0 && PhysicalMemory.FreePages > keepFree)
        {
            ulong spare = PhysicalMemory.FreePages - keepFree;
            if (count == capacity)
                break;
            ulong run = PhysicalMemory.TakeRun(left < spare ? left : spare, out ulong start);
            if (run == 0)
                break;
            left -= run;
            if (count != 0 && ranges[count - 1].Address + ranges[count - 1].Length == start)
            {
                ranges[count - 1].Length += run << Page.Shift;
            }
            else if (count != 0 && start + (run << Page.Shift) == ranges[count - 1].Address)
            {
                ranges[count - 1].Address = start;
                ranges[count - 1].Length += run << Page.Shift;
            }
            else
            {
                ranges[count].Address = start;
                ranges[count++].Length = run << Page.Shift;
            }
        }

        return (long)count;
    }

    /// <summary>Takes ranges back into use, from the first on; returns how many, which may be fewer, or EINVAL when the first was not taken.</summary>
    public static long Give(Segment* ranges, ulong count)
    {
        if (count == 0 || count > MostRanges || !UserMemory.CanRead((ulong)ranges, count * (ulong)sizeof(Segment)))
            return Errno.EFault;
        ulong left = MostPages;
        ulong done = 0;
        for (; done < count; done++)
        {
            ulong start = ranges[done].Address;
            ulong pages = ranges[done].Length >> Page.Shift;
            if (pages > left && done != 0)
                break;
            if (((start | ranges[done].Length) & Page.Mask) != 0 || pages == 0 || pages > MostPages
                || start >= PageTables.IdentityLimit || !PhysicalMemory.TryGiveRun(start, pages))
                break;
            left -= pages;
        }

        return done != 0 ? (long)done : Errno.EInval;
    }
}
