namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Flags of the TLB flush calls (TLFS 9.4.5).</summary>
[Flags]
public enum FlushFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>All processors; the mask is ignored.</summary>
    AllProcessors = 1,

    /// <summary>All address spaces; the space is ignored.</summary>
    AllSpaces = 2,

    /// <summary>Only mappings that are not global.</summary>
    NonGlobalOnly = 4,
}
