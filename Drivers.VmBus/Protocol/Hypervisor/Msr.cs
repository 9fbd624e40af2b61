namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Numbers of Hyper-V's model-specific registers (TLFS, appendix on synthetic MSRs).</summary>
public static class Msr
{
    /// <summary>GUEST_OS_ID.</summary>
    public const uint GuestOsId = 0x4000_0000;

    /// <summary>HYPERCALL: bit 0 enable, bit 1 locked, 63:12 frame.</summary>
    public const uint Hypercall = 0x4000_0001;

    /// <summary>VP_INDEX.</summary>
    public const uint VpIndex = 0x4000_0002;

    /// <summary>RESET: bit 0.</summary>
    public const uint Reset = 0x4000_0003;

    /// <summary>VP_RUNTIME, 100 ns.</summary>
    public const uint VpRuntime = 0x4000_0010;

    /// <summary>TIME_REF_COUNT, 100 ns.</summary>
    public const uint ReferenceCounter = 0x4000_0020;

    /// <summary>REFERENCE_TSC: bit 0 enable, 63:12 frame.</summary>
    public const uint ReferenceTsc = 0x4000_0021;

    /// <summary>TSC_FREQUENCY, Hz.</summary>
    public const uint TscFrequency = 0x4000_0022;

    /// <summary>APIC_FREQUENCY, Hz.</summary>
    public const uint ApicFrequency = 0x4000_0023;

    /// <summary>EOI.</summary>
    public const uint Eoi = 0x4000_0070;

    /// <summary>ICR.</summary>
    public const uint Icr = 0x4000_0071;

    /// <summary>TPR.</summary>
    public const uint Tpr = 0x4000_0072;

    /// <summary>VP_ASSIST_PAGE: bit 0 enable, 63:12 frame.</summary>
    public const uint VpAssistPage = 0x4000_0073;

    /// <summary>SCONTROL: bit 0 enable.</summary>
    public const uint SControl = 0x4000_0080;

    /// <summary>SVERSION.</summary>
    public const uint SVersion = 0x4000_0081;

    /// <summary>SIEFP: bit 0 enable, 63:12 frame.</summary>
    public const uint Siefp = 0x4000_0082;

    /// <summary>SIMP: bit 0 enable, 63:12 frame.</summary>
    public const uint Simp = 0x4000_0083;

    /// <summary>EOM.</summary>
    public const uint Eom = 0x4000_0084;

    /// <summary>SINT0; the others follow.</summary>
    public const uint Sint0 = 0x4000_0090;

    /// <summary>STIMER0_CONFIG; COUNT is the next one, the next timer two further on.</summary>
    public const uint Timer0Config = 0x4000_00B0;

    /// <summary>GUEST_IDLE.</summary>
    public const uint GuestIdle = 0x4000_00F0;

    /// <summary>CRASH_P0; P1 to P4 follow.</summary>
    public const uint CrashP0 = 0x4000_0100;

    /// <summary>CRASH_CTL.</summary>
    public const uint CrashControl = 0x4000_0105;

    /// <summary>TSC_INVARIANT_CONTROL: bit 0.</summary>
    public const uint TscInvariant = 0x4000_0118;

    /// <summary>Bit 0 of every register that enables a page.</summary>
    public const ulong PageEnable = 1;

    /// <summary>Bits 11:1 of such a register, which are preserved.</summary>
    public const ulong PagePreserved = 0xFFE;

    /// <summary>Bit 1 of HYPERCALL.</summary>
    public const ulong HypercallLocked = 2;

    /// <summary>CRASH_CTL: notify.</summary>
    public const ulong CrashNotify = 1UL << 63;

    /// <summary>CRASH_CTL: P3 and P4 are a message.</summary>
    public const ulong CrashMessage = 1UL << 62;

    /// <summary>Register of SINT n.</summary>
    public static uint SintOf(Sint sint) => Sint0 + sint.Value;

    /// <summary>CONFIG register of timer n.</summary>
    public static uint TimerConfig(int timer) => Timer0Config + (2 * (uint)timer);

    /// <summary>COUNT register of timer n.</summary>
    public static uint TimerCount(int timer) => Timer0Config + 1 + (2 * (uint)timer);
}
