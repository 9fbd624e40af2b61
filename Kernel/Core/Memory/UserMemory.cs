namespace GuestOS.Kernel.Core;

/// <summary>
/// Checks pointers that callers pass to system calls. A caller may name its mappings, the image's own data, and physical memory that
/// was allocated for devices; anything else answers EFAULT instead of a fault inside the kernel. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class UserMemory
{
    public static bool CanRead(ulong address, ulong length) => Check(address, length, write: false);

    public static bool CanWrite(ulong address, ulong length) => Check(address, length, write: true);

    private static bool Check(ulong address, ulong length, bool write)
    {
        if (length == 0)
            return true;
        ulong end = address + length;
        if (end < address)
            return false;
        if (address >= AddressSpace.Base)
            return end <= AddressSpace.Limit && DemandPaging.Populate(address, length, write);
        if (address >= Link.ImageStart() && end <= Link.ImageEnd())
            return !write || IsImageWritable(address, end);
        return address >= Page.Size && PhysicalMemory.IsAllocated(address) && PhysicalMemory.IsAllocated(end - 1);
    }

    private static bool IsImageWritable(ulong address, ulong end)
    {
        for (ulong page = Page.Down(address); page < end; page += Page.Size)
        {
            ulong* entry = PageTables.Entry(page, 0, create: false);
            if (entry == null || (*entry & PageTables.Writable) == 0)
                return false;
        }

        return true;
    }

    /// <summary>Length of a zero-terminated string, or -1 when it is not readable or longer than the limit.</summary>
    public static int StringLength(ulong address, int limit)
    {
        for (int i = 0; i < limit; i++)
        {
            if ((i == 0 || ((address + (ulong)i) & Page.Mask) == 0) && !CanRead(address + (ulong)i, 1))
                return -1;
            if (*(byte*)(address + (ulong)i) == 0)
                return i;
        }

        return -1;
    }
}
