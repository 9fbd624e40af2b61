namespace GuestOS.Kernel.Core;

/// <summary>Numbers and bits of Hyper-V's model-specific registers (TLFS, appendix on synthetic MSRs).</summary>
internal static class HyperVMsr
{
    /// <summary>GUEST_OS_ID: not zero before hypercalls can be made.</summary>
    public const uint GuestOsId = 0x4000_0000;

    /// <summary>HYPERCALL: bit 0 enable, bit 1 locked until reset, 63:12 page.</summary>
    public const uint Hypercall = 0x4000_0001;

    /// <summary>VP_INDEX: the hypervisor's number of this processor.</summary>
    public const uint VpIndex = 0x4000_0002;

    /// <summary>RESET: bit 0.</summary>
    public const uint Reset = 0x4000_0003;

    /// <summary>VP_RUNTIME: 100 ns units.</summary>
    public const uint VpRuntime = 0x4000_0010;

    /// <summary>TIME_REF_COUNT: 100 ns units since the partition was made.</summary>
    public const uint ReferenceCounter = 0x4000_0020;

    /// <summary>REFERENCE_TSC: bit 0 enable, 63:12 page.</summary>
    public const uint ReferenceTsc = 0x4000_0021;

    /// <summary>TSC_FREQUENCY, hertz.</summary>
    public const uint TscFrequency = 0x4000_0022;

    /// <summary>APIC_FREQUENCY, hertz before the divider.</summary>
    public const uint ApicFrequency = 0x4000_0023;

    /// <summary>EOI of the local APIC.</summary>
    public const uint Eoi = 0x4000_0070;

    /// <summary>ICR of the local APIC: destination in the upper half, in the form of its registers in memory.</summary>
    public const uint Icr = 0x4000_0071;

    /// <summary>TPR of the local APIC.</summary>
    public const uint Tpr = 0x4000_0072;

    /// <summary>VP_ASSIST_PAGE: bit 0 enable, 63:12 page.</summary>
    public const uint VpAssistPage = 0x4000_0073;

    /// <summary>SCONTROL: bit 0 enables the SynIC of this processor.</summary>
    public const uint SControl = 0x4000_0080;

    /// <summary>SIEFP: bit 0 enable, 63:12 page of event flags.</summary>
    public const uint Siefp = 0x4000_0082;

    /// <summary>SIMP: bit 0 enable, 63:12 page of messages.</summary>
    public const uint Simp = 0x4000_0083;

    /// <summary>EOM: a write asks for the next message.</summary>
    public const uint Eom = 0x4000_0084;

    /// <summary>SINT0; the others follow.</summary>
    public const uint Sint0 = 0x4000_0090;

    /// <summary>STIMER0_CONFIG; then STIMER0_COUNT, STIMER1_CONFIG, ...</summary>
    public const uint Timer0Config = 0x4000_00B0;

    /// <summary>STIMER0_COUNT.</summary>
    public const uint Timer0Count = 0x4000_00B1;

    /// <summary>GUEST_IDLE: a read waits for an interrupt, whether they are allowed or not.</summary>
    public const uint GuestIdle = 0x4000_00F0;

    /// <summary>CRASH_P0; P1 to P4 follow.</summary>
    public const uint CrashP0 = 0x4000_0100;

    /// <summary>CRASH_CTL: read tells what is taken, write reports.</summary>
    public const uint CrashControl = 0x4000_0105;

    /// <summary>TSC_INVARIANT_CONTROL: bit 0.</summary>
    public const uint TscInvariantControl = 0x4000_0118;

    /// <summary>Bit 0 of every register that enables a page.</summary>
    public const ulong PageEnable = 1;

    /// <summary>Bits 11:1 of such a register, to be kept as they are.</summary>
    public const ulong PagePreserved = 0xFFE;

    /// <summary>Bits 63:12: the page's address.</summary>
    public const ulong PageFrame = ~0xFFFUL;

    /// <summary>Bit 1 of HYPERCALL.</summary>
    public const ulong HypercallLocked = 2;
}
