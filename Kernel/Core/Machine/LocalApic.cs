namespace GuestOS.Kernel.Core;

/// <summary>
/// The local APIC of the processor that runs (Intel SDM 3A, chapter 11): by memory, or by MSR as x2APIC.
/// Registers are per processor, so no lock is needed, but interrupts are off around the two-step command register of the memory form.
/// </summary>
internal static class LocalApic
{
    /// <summary>Bytes of the registers to map uncached.</summary>
    public const uint RegisterBytes = 4096;

    private const uint BaseMsr = 0x1B;
    private const ulong BaseEnable = 1 << 11;
    private const ulong BaseX2Apic = 1 << 10;
    private const ulong BaseAddressMask = 0x000F_FFFF_FFFF_F000;
    private const uint X2ApicMsrs = 0x800;

    private const uint RegisterId = 0x020;
    private const uint RegisterVersion = 0x030;
    private const uint RegisterTaskPriority = 0x080;
    private const uint RegisterEoi = 0x0B0;
    private const uint RegisterDestinationFormat = 0x0E0;
    private const uint RegisterSpurious = 0x0F0;
    private const uint RegisterErrorStatus = 0x280;
    private const uint RegisterCommand = 0x300;
    private const uint RegisterCommandHigh = 0x310;
    private const uint RegisterThermal = 0x330;
    private const uint RegisterPerformance = 0x340;
    private const uint RegisterLint0 = 0x350;
    private const uint RegisterLint1 = 0x360;
    private const uint RegisterError = 0x370;

    private const uint SoftwareEnable = 1 << 8;
    private const uint Masked = 1 << 16;
    private const uint DeliverNmi = 4 << 8;
    private const uint DeliverInit = 5 << 8;
    private const uint DeliverStartup = 6 << 8;
    private const uint DeliverExternal = 7 << 8;
    private const uint Assert = 1 << 14;
    private const uint Pending = 1 << 12;
    private const uint AllButSelf = 3 << 18;
    private const uint PendingBound = 1_000_000;

    /// <summary>True when the processor has a local APIC that <see cref="Detect"/> can use.</summary>
    public static bool Present;

    /// <summary>True when the registers are reached by MSR.</summary>
    public static bool X2Apic;

    /// <summary>True when the timer can fire at a value of the time-stamp counter (CPUID 1 ECX bit 24).</summary>
    public static bool TscDeadline;

    /// <summary>Physical address of the registers; meaningless in x2APIC mode.</summary>
    public static ulong Address;

    /// <summary>Commands that the memory form did not accept in time.</summary>
    public static uint CommandTimeouts;

    /// <summary>
    /// Finds out what there is, on the first processor. x2APIC is taken when the firmware has switched it on already (there is no way back),
    /// when some APIC id needs it, or under a hypervisor, where an MSR is cheaper than a memory access.
    /// </summary>
    /// <param name="underHypervisor">CPUID 1 ECX bit 31.</param>
    public static void Detect(bool underHypervisor)
    {
        CpuIdResult.Read(1, 0, out CpuIdResult id);
        Present = (id.Edx & 1 << 9) != 0;
        TscDeadline = (id.Ecx & 1 << 24) != 0;
        if (!Present)
            return;

        ulong value = Cpu.ReadMsr(BaseMsr);
        Address = value & BaseAddressMask;
        bool supported = (id.Ecx & 1 << 21) != 0;
        X2Apic = (value & BaseX2Apic) != 0 || supported && (underHypervisor || NeedsWideIds());
    }

    /// <summary>
    /// Switches on the local APIC of this processor: accepts all priorities, all local sources masked but NMI inputs as the MADT says,
    /// errors at <paramref name="errorVector"/>. <paramref name="spuriousVector"/> ends in binary 1111.
    /// </summary>
    public static void Enable(byte spuriousVector, byte errorVector)
    {
        ulong value = Cpu.ReadMsr(BaseMsr);
        // From disabled to x2APIC in one step is not allowed.
        if ((value & BaseEnable) == 0)
        {
            value |= BaseEnable;
            Cpu.WriteMsr(BaseMsr, value);
        }

        if (X2Apic && (value & BaseX2Apic) == 0)
            Cpu.WriteMsr(BaseMsr, value | BaseX2Apic);

        if (!X2Apic)
            Write(RegisterDestinationFormat, 0xFFFF_FFFF);
        Write(RegisterTaskPriority, 0);
        uint entries = (Read(RegisterVersion) >> 16 & 0xFF) + 1;
        Write(LocalApicTimer.Register, Masked);
        if (entries >= 5)
            Write(RegisterPerformance, Masked);
        if (entries >= 6)
            Write(RegisterThermal, Masked);
        Write(RegisterLint0, Masked);
        Write(RegisterLint1, Masked);
        Write(RegisterSpurious, SoftwareEnable | spuriousVector);
        Write(RegisterError, errorVector);
        ErrorStatus();
    }

    /// <summary>Routes the inputs that the MADT calls NMI for the processor of this UID.</summary>
    public static unsafe void EnableNmiInputs(uint uid)
    {
        for (int i = 0; i < AcpiTables.LocalNmiCount; i++)
        {
            uint who = AcpiTables.Interrupts.LocalNmiUid[i];
            if (who != uid && who != 0xFFFF_FFFF)
                continue;
            Write(AcpiTables.Interrupts.LocalNmiInput[i] == 0 ? RegisterLint0 : RegisterLint1, DeliverNmi);
        }
    }

    /// <summary>Lets the 8259s interrupt this processor (virtual wire): for machines without an I/O APIC.</summary>
    public static void EnableExternalInterrupts() => Write(RegisterLint0, DeliverExternal);

    /// <summary>Id of this processor.</summary>
    public static uint Id() => X2Apic ? Read(RegisterId) : Read(RegisterId) >> 24;

    /// <summary>Ends the interrupt in service; never for a spurious one.</summary>
    public static unsafe void EndOfInterrupt()
    {
        CpuArea* self = Cpu.Self();
        if ((self->HyperV.Active & HypervisorUses.ApicAssist) != 0)
            ApicAssist.EndOfInterrupt(self);
        else
            Write(RegisterEoi, 0);
    }

    /// <summary>Errors since the last call, and clears them (bits: SDM 3A 11.5.3).</summary>
    public static uint ErrorStatus()
    {
        Write(RegisterErrorStatus, 0);
        return Read(RegisterErrorStatus);
    }

    /// <summary>Interrupts one processor.</summary>
    public static void SendIpi(uint apicId, byte vector) => Command(apicId, Assert | vector);

    /// <summary>Interrupts all processors but this one.</summary>
    public static void SendIpiAllButSelf(byte vector) => Command(0, AllButSelf | Assert | vector);

    /// <summary>A non-maskable interrupt to all processors but this one: stops them for a panic.</summary>
    public static void SendNmiAllButSelf() => Command(0, AllButSelf | Assert | DeliverNmi);

    /// <summary>Resets a processor into waiting for its start-up interrupt.</summary>
    public static void SendInit(uint apicId) => Command(apicId, Assert | DeliverInit);

    /// <summary>Starts a waiting processor in real mode at page * 4096; the page lies below 1 MiB.</summary>
    public static void SendStartup(uint apicId, byte page) => Command(apicId, Assert | DeliverStartup | page);

    /// <summary>Reads a register by its offset of the memory form.</summary>
    public static uint Read(uint register)
        => X2Apic ? (uint)Cpu.ReadMsr(X2ApicMsrs + (register >> 4)) : Mmio.Read32(Address + register);

    /// <summary>Writes a register by its offset of the memory form.</summary>
    public static void Write(uint register, uint value)
    {
        if (X2Apic)
            Cpu.WriteMsr(X2ApicMsrs + (register >> 4), value);
        else
            Mmio.Write32(Address + register, value);
    }

    private static unsafe void Command(uint apicId, uint low)
    {
        if (X2Apic)
        {
            // The MSR write does not wait for earlier stores: the receiver must see them (SDM 3A 11.12.3).
            Cpu.Fence();
            Cpu.WriteMsr(X2ApicMsrs + (RegisterCommand >> 4), (ulong)apicId << 32 | low);
            return;
        }

        if ((Cpu.Self()->HyperV.Active & HypervisorUses.ApicAssist) != 0)
        {
            // One register for both halves, and the hypervisor accepts at once.
            Cpu.Fence();
            Cpu.WriteMsr(HyperVMsr.Icr, (ulong)(apicId << 24) << 32 | low);
            return;
        }

        WaitAccepted();
        Write(RegisterCommandHigh, apicId << 24);
        Write(RegisterCommand, low);
        WaitAccepted();
    }

    private static void WaitAccepted()
    {
        for (uint i = 0; i < PendingBound; i++)
        {
            if ((Read(RegisterCommand) & Pending) == 0)
                return;
            Cpu.Pause();
        }

        CommandTimeouts++;
    }

    private static unsafe bool NeedsWideIds()
    {
        for (int i = 0; i < AcpiTables.CpuCount; i++)
        {
            if (AcpiTables.Cpus.ApicId[i] > 254)
                return true;
        }

        return false;
    }
}
