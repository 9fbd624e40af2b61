namespace GuestOS.Kernel.Core;

/// <summary>
/// The synthetic interrupt controller of the processor that runs (TLFS 11): its two pages, and the one source that the kernel itself
/// uses. VMBus' source and its messages are managed code's.
/// </summary>
internal static unsafe class SynIc
{
    /// <summary>Source of the timer's messages. 0 is the hypervisor's for intercepts, VMBus has 2.</summary>
    public const int TimerSint = 3;

    private const ulong SintMasked = 1 << 16;
    private const ulong SintAutoEoi = 1 << 17;
    private const ulong SintPolling = 1 << 18;
    private const ulong SintOurs = 0xFF | SintMasked | SintAutoEoi | SintPolling;

    /// <summary>Gives a processor its pages; false when no memory is left. On the first processor.</summary>
    public static bool Allocate(ref HyperVProcessor processor)
    {
        processor.Messages = PhysicalMemory.AllocatePage();
        processor.Events = PhysicalMemory.AllocatePage();
        return processor.Messages != 0 && processor.Events != 0;
    }

    /// <summary>Switches on the calling processor's SynIC with all sources as they are: masked after a reset.</summary>
    public static bool Enable(ref HyperVProcessor processor) =>
        EnablePage(HyperVMsr.Simp, processor.Messages) && EnablePage(HyperVMsr.Siefp, processor.Events) && SetControl(enable: true);

    /// <summary>Undoes everything on the calling processor, sources of others included: what would use them has ended.</summary>
    public static void Disable()
    {
        ulong value;
        for (uint sint = HyperVMsr.Sint0; sint < HyperVMsr.Sint0 + 16; sint++)
        {
            if (Cpu.TryReadMsr(sint, &value) != 0 && (value & SintMasked) == 0)
                Cpu.TryWriteMsr(sint, Masked(value));
        }

        DisablePage(HyperVMsr.Simp);
        DisablePage(HyperVMsr.Siefp);
        SetControl(enable: false);
    }

    /// <summary>Lets a source interrupt the calling processor.</summary>
    public static bool Unmask(int sint, byte vector, bool autoEoi)
    {
        ulong value;
        uint register = HyperVMsr.Sint0 + (uint)sint;
        return Cpu.TryReadMsr(register, &value) != 0 && Cpu.TryWriteMsr(register, Unmasked(value, vector, autoEoi)) != 0;
    }

    /// <summary>A SINT register's value for an unmasked source; bits that are not the kernel's stay.</summary>
    public static ulong Unmasked(ulong value, byte vector, bool autoEoi) => (value & ~SintOurs) | vector | (autoEoi ? SintAutoEoi : 0);

    /// <summary>The same, masked.</summary>
    public static ulong Masked(ulong value) => (value & ~SintAutoEoi) | SintMasked;

    /// <summary>Enables a page by one of the registers that have bit 0, 11:1 preserved, and the frame.</summary>
    public static bool EnablePage(uint register, ulong page)
    {
        ulong value;
        return Cpu.TryReadMsr(register, &value) != 0
            && Cpu.TryWriteMsr(register, (value & HyperVMsr.PagePreserved) | page | HyperVMsr.PageEnable) != 0;
    }

    /// <summary>Disables it.</summary>
    public static void DisablePage(uint register)
    {
        ulong value;
        if (Cpu.TryReadMsr(register, &value) != 0)
            Cpu.TryWriteMsr(register, value & HyperVMsr.PagePreserved);
    }

    private static bool SetControl(bool enable)
    {
        ulong value;
        return Cpu.TryReadMsr(HyperVMsr.SControl, &value) != 0 && Cpu.TryWriteMsr(HyperVMsr.SControl, enable ? value | 1 : value & ~1UL) != 0;
    }
}
