namespace GuestOS.Kernel.Core;

/// <summary>mmap and its relatives: anonymous memory only. LOCKING: the kernel lock.</summary>
internal static unsafe class MemoryCalls
{
    private const uint MapFixed = 0x10;
    private const uint MapAnonymous = 0x20;
    private const uint MapStack = 0x2_0000;
    private const uint MapFixedNoReplace = 0x10_0000;

    private const int AdviseDontNeed = 4;
    private const int AdviseFree = 8;

    private const int BarrierQuery = 0;
    private const int BarrierPrivateExpedited = 1 << 3;
    private const int BarrierRegisterPrivateExpedited = 1 << 4;

    public static long Map(ulong address, ulong length, uint protection, uint flags, int descriptor)
    {
        if ((flags & MapAnonymous) == 0)
            return descriptor < 0 ? Errno.EBadF : Errno.ENoSys;
        if (length == 0 || length > AddressSpace.Limit)
            return Errno.EInval;
        protection &= 7;
        bool isFixed = (flags & (MapFixed | MapFixedNoReplace)) != 0;
        uint use = !isFixed && (flags & MapStack) != 0 ? Mapping.ThreadStack : Mapping.General;
        if (Mapping.Promises(protection, use) && !Commitment.TrySpare(Page.Up(length) >> Page.Shift))
            return Errno.ENoMem;
        ulong start;
        if (isFixed)
        {
            if (!AddressSpace.MapFixed(address, length, protection))
                return Errno.EInval;
            start = address;
        }
        else
        {
            start = AddressSpace.Map(length, protection, use);
            if (start == 0)
                return Errno.ENoMem;
        }

        // The GC with a hard limit of odd size writes to the last, partial page of its bookkeeping reservation without committing it.
        if (protection == Protection.None && (length & Page.Mask) != 0)
            AddressSpace.Protect(start + Page.Down(length), Page.Size, Protection.Read | Protection.Write);
        return (long)start;
    }

    public static long Protect(ulong address, ulong length, uint protection)
    {
        if (length == 0)
            return 0;
        // The C library makes its relocated data read-only; the runtime makes its stack cookie, in read-only data, writable once.
        if (address >= Link.ImageStart() && address + length <= Page.Up(Link.ImageEnd()))
        {
            PageTables.ProtectImage(Page.Down(address), Page.Up(address + length), protection & 7);
            Tlb.FlushAll();
            return 0;
        }

        return AddressSpace.Protect(address, length, protection & 7) ? 0 : Errno.ENoMem;
    }

    public static long Unmap(ulong address, ulong length) => length != 0 && AddressSpace.Unmap(address, length) ? 0 : Errno.EInval;

    public static long Advise(ulong address, ulong length, int advice)
    {
        if ((address & Page.Mask) != 0)
            return Errno.EInval;
        if (advice is AdviseDontNeed or AdviseFree && address >= AddressSpace.Base && address + length <= AddressSpace.Limit && length != 0)
            AddressSpace.Discard(address, length);
        return 0;
    }

    /// <summary>The runtime needs QUERY to report the private expedited barrier; without it, it wants locked memory and exits.</summary>
    public static long Barrier(int command)
    {
        switch (command)
        {
            case BarrierQuery:
                return BarrierPrivateExpedited | BarrierRegisterPrivateExpedited;
            case BarrierRegisterPrivateExpedited:
                return 0;
            case BarrierPrivateExpedited:
                Tlb.Barrier();
                return 0;
            default:
                return Errno.EInval;
        }
    }
}
