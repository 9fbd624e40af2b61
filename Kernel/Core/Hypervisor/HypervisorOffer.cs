namespace GuestOS.Kernel.Core;

/// <summary>What the hypervisor offers and recommends: registers of CPUID 0x40000003 to 5, with names for the bits that the kernel looks at.</summary>
internal struct HypervisorOffer
{
    /// <summary>VP_RUNTIME.</summary>
    public const uint PrivilegeVpRuntime = 1 << 0;

    /// <summary>TIME_REF_COUNT.</summary>
    public const uint PrivilegeReferenceCounter = 1 << 1;

    /// <summary>SCONTROL to SINT15.</summary>
    public const uint PrivilegeSynIc = 1 << 2;

    /// <summary>Synthetic timers.</summary>
    public const uint PrivilegeTimers = 1 << 3;

    /// <summary>EOI, ICR, TPR, VP_ASSIST_PAGE.</summary>
    public const uint PrivilegeApic = 1 << 4;

    /// <summary>GUEST_OS_ID, HYPERCALL.</summary>
    public const uint PrivilegeHypercall = 1 << 5;

    /// <summary>VP_INDEX.</summary>
    public const uint PrivilegeVpIndex = 1 << 6;

    /// <summary>RESET.</summary>
    public const uint PrivilegeReset = 1 << 7;

    /// <summary>REFERENCE_TSC.</summary>
    public const uint PrivilegeReferenceTsc = 1 << 9;

    /// <summary>GUEST_IDLE.</summary>
    public const uint PrivilegeGuestIdle = 1 << 10;

    /// <summary>TSC_FREQUENCY, APIC_FREQUENCY.</summary>
    public const uint PrivilegeFrequencies = 1 << 11;

    /// <summary>TSC_INVARIANT_CONTROL.</summary>
    public const uint PrivilegeTscInvariant = 1 << 15;

    /// <summary>Guest idle state.</summary>
    public const uint FeatureGuestIdle = 1 << 5;

    /// <summary>Frequency registers.</summary>
    public const uint FeatureFrequencies = 1 << 8;

    /// <summary>Crash registers.</summary>
    public const uint FeatureCrash = 1 << 10;

    /// <summary>Synthetic timers with an interrupt vector of their own.</summary>
    public const uint FeatureDirectTimers = 1 << 19;

    /// <summary>Hypercall for flushes of other processors' translations.</summary>
    public const uint HintRemoteFlush = 1 << 2;

    /// <summary>Registers for EOI, ICR and TPR.</summary>
    public const uint HintApic = 1 << 3;

    /// <summary>Register for a reset.</summary>
    public const uint HintReset = 1 << 4;

    /// <summary>No watchdogs: the processors may not run for a while.</summary>
    public const uint HintRelaxedTiming = 1 << 5;

    /// <summary>No automatic end of interrupt.</summary>
    public const uint HintNoAutoEoi = 1 << 9;

    /// <summary>Hypercall for interrupts between processors.</summary>
    public const uint HintClusterIpi = 1 << 10;

    /// <summary>Processor sets of more than 64.</summary>
    public const uint HintExtendedMasks = 1 << 11;

    /// <summary>No number of retries is ever enough.</summary>
    public const uint NeverNotify = 0xFFFF_FFFF;

    /// <summary>CPUID 0x40000003 EAX: registers that may be used.</summary>
    public uint Privileges;

    /// <summary>CPUID 0x40000003 EBX: hypercalls that may be made.</summary>
    public uint HypercallPrivileges;

    /// <summary>CPUID 0x40000003 EDX.</summary>
    public uint Features;

    /// <summary>CPUID 0x40000004 EAX: recommendations.</summary>
    public uint Hints;

    /// <summary>CPUID 0x40000004 EBX: tries for a lock before the hypervisor is told; 0 and <see cref="NeverNotify"/> mean never.</summary>
    public uint SpinRetries;

    /// <summary>CPUID 0x40000005 EAX: virtual processors at most; 0 where it is not told.</summary>
    public uint MaximumProcessors;
}
