namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Miscellaneous features: EDX of CPUID 0x40000003.</summary>
[Flags]
public enum HypervisorFeatures : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Hypercall input in XMM registers.</summary>
    XmmInput = 1u << 4,

    /// <summary>Guest idle state.</summary>
    GuestIdle = 1u << 5,

    /// <summary>Frequency registers.</summary>
    Frequencies = 1u << 8,

    /// <summary>Crash registers.</summary>
    Crash = 1u << 10,

    /// <summary>Hypercall output in XMM registers.</summary>
    XmmOutput = 1u << 15,

    /// <summary>Polling mode of SINTs.</summary>
    SintPolling = 1u << 17,

    /// <summary>Synthetic timers in direct mode.</summary>
    DirectTimers = 1u << 19,
}
