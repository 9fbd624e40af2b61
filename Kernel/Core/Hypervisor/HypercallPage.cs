namespace GuestOS.Kernel.Core;

/// <summary>
/// The guest's id and the page through which hypercalls are made (TLFS 3.13). Enabled once at boot; managed code finds the page live and
/// adopts it. LOCKING: calls with input in memory use the calling processor's page, with interrupts off.
/// </summary>
internal static unsafe class HypercallPage
{
    /// <summary>
    /// The id in its open-source form (TLFS 2.6): bit 63, OS type 0x47 in 62:56 (1 Linux, 2 FreeBSD, 3 Xen and 4 Illumos are taken), version
    /// 0.1.0 in 47:16.
    /// </summary>
    public const ulong GuestOsId = 1UL << 63 | 0x47UL << 56 | 0x0001_00UL << 16;

    private const ulong StatusMask = 0xFFFF;
    private const ulong FastBit = 1 << 16;
    private const int VariableHeaderShift = 17;

    /// <summary>HvCallFlushVirtualAddressSpace; its extended form is <see cref="FlushEx"/>.</summary>
    public const ulong Flush = 0x02;

    /// <summary>HvCallNotifyLongSpinWait.</summary>
    public const ulong NotifyLongSpin = 0x08;

    /// <summary>HvCallSendSyntheticClusterIpi; its extended form is <see cref="SendIpiEx"/>.</summary>
    public const ulong SendIpi = 0x0B;

    /// <summary>HvCallFlushVirtualAddressSpaceEx.</summary>
    public const ulong FlushEx = 0x13;

    /// <summary>HvCallSendSyntheticClusterIpiEx.</summary>
    public const ulong SendIpiEx = 0x15;

    /// <summary>Guest-physical address of the live page, which is also the address to call; 0 while no calls can be made.</summary>
    public static ulong Address;

    // Nothing to undo: the page was there, and locked, before this kernel.
    private static bool s_isAdopted;

    /// <summary>What to do with a HYPERCALL register that has this value. Pure.</summary>
    /// <param name="value">As read.</param>
    /// <param name="frameIsFree">Whether the page that it names lies outside the memory that is given out.</param>
    public static HypercallPageAction Plan(ulong value, bool frameIsFree)
    {
        if ((value & HyperVMsr.HypercallLocked) == 0)
            return HypercallPageAction.Place;
        return (value & HyperVMsr.PageEnable) != 0 && frameIsFree ? HypercallPageAction.Adopt : HypercallPageAction.None;
    }

    /// <summary>Names the guest and makes the page live, executable and not writable. False when the hypervisor refuses.</summary>
    public static bool Enable()
    {
        ulong id;
        ulong value;
        if (Cpu.TryReadMsr(HyperVMsr.GuestOsId, &id) == 0 || (id == 0 && Cpu.TryWriteMsr(HyperVMsr.GuestOsId, GuestOsId) == 0)
            || Cpu.TryReadMsr(HyperVMsr.Hypercall, &value) == 0)
            return false;
        ulong frame = value & HyperVMsr.PageFrame;
        switch (Plan(value, frame < PhysicalLayout.MappedEnd && !IsUsable(frame)))
        {
            case HypercallPageAction.Place:
                return Place(value);
            case HypercallPageAction.Adopt:
                s_isAdopted = true;
                return Open(frame);
            default:
                return false;
        }
    }

    /// <summary>Undoes <see cref="Enable"/>. The last call of the kernel.</summary>
    public static void Disable()
    {
        if (Address == 0)
            return;
        Address = 0;
        ulong value;
        if (!s_isAdopted && Cpu.TryReadMsr(HyperVMsr.Hypercall, &value) != 0 && (value & HyperVMsr.HypercallLocked) == 0)
            Cpu.TryWriteMsr(HyperVMsr.Hypercall, value & HyperVMsr.PagePreserved);
        Cpu.TryWriteMsr(HyperVMsr.GuestOsId, 0);
    }

    /// <summary>Makes a call whose input is two words in registers.</summary>
    /// <returns>Whether the hypervisor has carried it out.</returns>
    public static bool CallFast(ulong code, ulong first, ulong second)
    {
        Cpu.Self()->HyperV.Hypercalls++;
        return (Cpu.Hypercall(Address, code | FastBit, first, second) & StatusMask) == 0;
    }

    /// <summary>Makes a call whose input is in the calling processor's input page. It has no output.</summary>
    /// <param name="code">The call.</param>
    /// <param name="variableWords">Words of input beyond the call's fixed ones.</param>
    /// <returns>Whether the hypervisor has carried it out.</returns>
    public static bool CallWithInput(ulong code, int variableWords)
    {
        CpuArea* self = Cpu.Self();
        self->HyperV.Hypercalls++;
        ulong control = code | ((ulong)variableWords << VariableHeaderShift);
        return (Cpu.Hypercall(Address, control, self->HyperV.Input, 0) & StatusMask) == 0;
    }

    private static bool Place(ulong value)
    {
        ulong page = PhysicalMemory.AllocatePage();
        ulong now;
        if (page == 0)
            return false;
        if (Cpu.TryWriteMsr(HyperVMsr.Hypercall, (value & HyperVMsr.PagePreserved) | page | HyperVMsr.PageEnable) != 0
            && Cpu.TryReadMsr(HyperVMsr.Hypercall, &now) != 0
            && (now & (HyperVMsr.PageFrame | HyperVMsr.PageEnable)) == (page | HyperVMsr.PageEnable)
            && Open(page))
            return true;
        Cpu.TryWriteMsr(HyperVMsr.Hypercall, value & HyperVMsr.PagePreserved);
        PhysicalMemory.FreePage(page);
        return false;
    }

    private static bool IsUsable(ulong page)
    {
        for (int i = 0; i < BootInfo.RangeCount; i++)
        {
            MemoryRange* range = BootInfo.Ranges + i;
            if (range->Type == MemoryRangeType.Usable && page < range->End && page + Page.Size > range->Start)
                return true;
        }

        return false;
    }

    private static bool Open(ulong page)
    {
        // The allocator's zeros still there: nothing was laid over them, whatever the register says.
        if (*(ulong*)page == 0 || PageTables.ExchangeExecutable(page, executable: true) < 0)
            return false;
        Cpu.InvalidatePage(page);
        Address = page;
        return true;
    }
}

/// <summary>What <see cref="HypercallPage.Plan"/> decides.</summary>
internal enum HypercallPageAction
{
    /// <summary>There can be no calls: the register is locked with the page off, or on in memory that others use.</summary>
    None,

    /// <summary>Put a page of the kernel's own there.</summary>
    Place,

    /// <summary>Use the page that is locked there.</summary>
    Adopt,
}
