namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Recommendations: EAX of CPUID 0x40000004.</summary>
[Flags]
public enum HypervisorHints : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Hypercall for local TLB flushes.</summary>
    LocalFlush = 1u << 1,

    /// <summary>Hypercall for remote TLB flushes.</summary>
    RemoteFlush = 1u << 2,

    /// <summary>MSRs for EOI, ICR and TPR.</summary>
    ApicRegisters = 1u << 3,

    /// <summary>RESET MSR.</summary>
    Reset = 1u << 4,

    /// <summary>Relaxed timing.</summary>
    RelaxedTiming = 1u << 5,

    /// <summary>AutoEOI is deprecated.</summary>
    DeprecateAutoEoi = 1u << 9,

    /// <summary>Hypercall for IPIs.</summary>
    ClusterIpi = 1u << 10,

    /// <summary>Extended processor masks.</summary>
    ExtendedMasks = 1u << 11,
}
