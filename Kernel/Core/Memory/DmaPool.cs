namespace GuestOS.Kernel.Core;

/// <summary>Contiguous memory for devices, and the physical pieces behind a caller's buffer. LOCKING: the kernel lock.</summary>
internal static unsafe class DmaPool
{
    private const ulong Longest = Page.Size << PhysicalMemory.MaximumOrder;

    /// <summary>Pages given out now.</summary>
    public static ulong Pages;

    public static long Allocate(ulong length, ulong highest, ulong alignment, ulong boundary)
    {
        if (length == 0 || length > Longest || (boundary != 0 && length > boundary))
            return Errno.EInval;
        ulong pages = Page.Up(length) >> Page.Shift;
        if (!Commitment.TrySpare(pages))
            return Errno.ENoMem;
        // Blocks are aligned to their size rounded up, so they cross no multiple of a boundary that is as long.
        ulong address = PhysicalMemory.AllocateContiguous(pages, highest, alignment);
        if (address == 0)
            return Errno.ENoMem;
        Pages += pages;
        return (long)address;
    }

    public static long Free(ulong address, ulong length)
    {
        ulong pages = Page.Up(length) >> Page.Shift;
        if ((address & Page.Mask) != 0 || pages == 0 || !PhysicalMemory.IsAllocated(address) || !PhysicalMemory.IsAllocated(address + length - 1))
            return Errno.EInval;
        PhysicalMemory.Free(address, pages);
        Pages -= pages;
        return 0;
    }

    public static long Translate(ulong address, ulong length, Segment* segments, int capacity)
    {
        if (capacity <= 0 || !UserMemory.CanWrite((ulong)segments, (ulong)capacity * (ulong)sizeof(Segment)))
            return Errno.EFault;
        // A device may write there, so the pages must be the caller's own; read-only data of the image is fine as a source.
        if (!UserMemory.CanWrite(address, length) && !UserMemory.CanRead(address, length))
            return Errno.EFault;
        int count = 0;
        while (length != 0)
        {
            ulong physical = PageTables.Translate(address);
            ulong piece = Page.Size - (address & Page.Mask);
            if (piece > length)
                piece = length;
            if (physical == 0)
                return Errno.EFault;
            if (count != 0 && segments[count - 1].Address + segments[count - 1].Length == physical)
            {
                segments[count - 1].Length += piece;
            }
            else
            {
                if (count == capacity)
                    return Errno.E2Big;
                segments[count].Address = physical;
                segments[count++].Length = piece;
            }

            address += piece;
            length -= piece;
        }

        return count;
    }
}
