namespace GuestOS.Kernel.Core;

/// <summary>
/// Keeps what was promised. A page that the runtime may write must be there when it is touched, for a page fault has nobody to refuse to. So
/// whoever asks for more is refused with ENOMEM where what is free would not do for all promises: the collector throws, malloc returns null.
/// Stacks, page tables and the kernel's own structures are promised to nobody and live on a reserve.
/// LOCKING: the kernel lock.
/// </summary>
internal static class Commitment
{
    /// <summary>256 KiB: the stacks and structures of some new threads.</summary>
    private const ulong ReservePages = 64;

    private const ulong PagesPerTable = 512;

    private static bool s_isTold;

    /// <summary>Whether so many pages more can be promised, or given to somebody who needs them at once. A refusal is told in the log once.</summary>
    public static bool TrySpare(ulong pages)
    {
        if (pages <= Spare(PhysicalMemory.FreePages, AddressSpace.UntouchedPages))
            return true;
        if (!s_isTold)
        {
            s_isTold = true;
            KernelLog.Begin(KernelLog.Warning);
            KernelLog.Write("memory: refused "u8);
            KernelLog.Dec(pages << (Page.Shift - 10));
            KernelLog.Write(" KiB; free are "u8);
            KernelLog.Dec(PhysicalMemory.FreePages << (Page.Shift - 10));
            KernelLog.Write(", of these promised "u8);
            KernelLog.Dec(AddressSpace.UntouchedPages << (Page.Shift - 10));
            KernelLog.EndLine();
        }

        return false;
    }

    /// <summary>Pages that nobody counts on. Pure.</summary>
    /// <param name="free">Free pages.</param>
    /// <param name="untouched">Pages that are promised and not there yet.</param>
    public static ulong Spare(ulong free, ulong untouched)
    {
        ulong kept = Kept(untouched);
        if (free <= kept)
            return 0;
        ulong spare = free - kept;
        return spare - ((spare + PagesPerTable) / (PagesPerTable + 1));
    }

    /// <summary>Free pages that must stay. Pure.</summary>
    /// <param name="untouched">See <see cref="Spare"/>.</param>
    public static ulong Kept(ulong untouched) => untouched + ((untouched + PagesPerTable - 1) / PagesPerTable) + ReservePages;
}
