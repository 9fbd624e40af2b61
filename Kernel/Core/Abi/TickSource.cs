namespace GuestOS.Kernel.Core;

/// <summary>What interrupts a processor at a given time.</summary>
public enum TickSource : uint
{
    /// <summary>The 8254, for a machine without a local APIC.</summary>
    Pit,

    /// <summary>The local APIC's timer, by counts.</summary>
    ApicCount,

    /// <summary>The local APIC's timer, at a value of the time-stamp counter.</summary>
    TscDeadline,

    /// <summary>Synthetic timer with a vector of its own, at a reference time.</summary>
    SyntheticDirect,

    /// <summary>Synthetic timer with messages, at a reference time.</summary>
    SyntheticMessage,
}
