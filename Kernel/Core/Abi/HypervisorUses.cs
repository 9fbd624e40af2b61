namespace GuestOS.Kernel.Core;

/// <summary>Parts of Hyper-V's interface that the low-level kernel uses, as a set.</summary>
[Flags]
public enum HypervisorUses : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Guest OS id and hypercall page. Option word <c>hypercall</c>.</summary>
    Hypercalls = 1 << 0,

    /// <summary>Message and event pages on every processor. <c>synic</c>.</summary>
    SynIc = 1 << 1,

    /// <summary>Synthetic timer 0 of every processor is the kernel's tick. <c>stimer</c>.</summary>
    SyntheticTimer = 1 << 2,

    /// <summary>It interrupts by a vector of its own, not by a message. <c>stimer-direct</c>.</summary>
    DirectTimer = 1 << 3,

    /// <summary>Reference counter by register. <c>counter</c>.</summary>
    ReferenceCounter = 1 << 4,

    /// <summary>Reference counter by page. <c>tsc-page</c>.</summary>
    ReferenceTscPage = 1 << 5,

    /// <summary>Frequencies of time-stamp counter and APIC timer by register. <c>frequencies</c>.</summary>
    Frequencies = 1 << 6,

    /// <summary>APIC registers by MSR, and the assist page that saves ends of interrupts. <c>apic</c>.</summary>
    ApicAssist = 1 << 7,

    /// <summary>The hypervisor's processor numbers. <c>vp-index</c>.</summary>
    VpIndex = 1 << 8,

    /// <summary>Run time of each processor. <c>vp-runtime</c>.</summary>
    VpRuntime = 1 << 9,

    /// <summary>The hypervisor is told of long waits for the kernel lock. <c>long-spin</c>.</summary>
    LongSpin = 1 << 10,

    /// <summary>Idle processors wait in the idle register. <c>idle</c>.</summary>
    GuestIdle = 1 << 11,

    /// <summary>Flushes of other processors' translations by hypercall. <c>flush</c>.</summary>
    Flush = 1 << 12,

    /// <summary>Interrupts between processors by hypercall. <c>ipi</c>.</summary>
    Ipi = 1 << 13,

    /// <summary>Sets with processor numbers above 63. <c>extended-masks</c>.</summary>
    ExtendedMasks = 1 << 14,

    /// <summary>Reset by register. <c>reset</c>.</summary>
    Reset = 1 << 15,

    /// <summary>A panic is reported by the crash registers. <c>crash</c>.</summary>
    Crash = 1 << 16,

    /// <summary>The hypervisor was asked for an invariant time-stamp counter. <c>tsc-invariant</c>.</summary>
    TscInvariant = 1 << 17,

    /// <summary>Timer messages end their interrupt by themselves. <c>auto-eoi</c>.</summary>
    AutoEoi = 1 << 18,

    /// <summary>The hypervisor asks that nobody watch time; nothing in the kernel does. <c>relaxed</c>.</summary>
    RelaxedTiming = 1 << 19,
}
