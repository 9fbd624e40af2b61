namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Privileges of the partition: EAX in the lower half, EBX in the upper one (CPUID 0x40000003).</summary>
[Flags]
public enum PartitionPrivileges : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>VP_RUNTIME.</summary>
    VpRuntime = 1UL << 0,

    /// <summary>TIME_REF_COUNT.</summary>
    ReferenceCounter = 1UL << 1,

    /// <summary>SynIC registers.</summary>
    SynIc = 1UL << 2,

    /// <summary>Synthetic timers.</summary>
    SyntheticTimers = 1UL << 3,

    /// <summary>EOI, ICR, TPR, VP_ASSIST_PAGE.</summary>
    ApicRegisters = 1UL << 4,

    /// <summary>GUEST_OS_ID, HYPERCALL.</summary>
    Hypercall = 1UL << 5,

    /// <summary>VP_INDEX.</summary>
    VpIndex = 1UL << 6,

    /// <summary>RESET.</summary>
    Reset = 1UL << 7,

    /// <summary>REFERENCE_TSC.</summary>
    ReferenceTsc = 1UL << 9,

    /// <summary>GUEST_IDLE.</summary>
    GuestIdle = 1UL << 10,

    /// <summary>TSC_FREQUENCY, APIC_FREQUENCY.</summary>
    Frequencies = 1UL << 11,

    /// <summary>TSC_INVARIANT_CONTROL.</summary>
    TscInvariant = 1UL << 15,

    /// <summary>HvCallPostMessage.</summary>
    PostMessages = 1UL << (32 + 4),

    /// <summary>HvCallSignalEvent.</summary>
    SignalEvents = 1UL << (32 + 5),

    /// <summary>Root partition.</summary>
    CpuManagement = 1UL << (32 + 12),

    /// <summary>Extended hypercalls.</summary>
    ExtendedHypercalls = 1UL << (32 + 20),
}
