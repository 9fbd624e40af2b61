namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>The hypervisor's number of a virtual processor; not the APIC id and not the kernel's processor number.</summary>
/// <param name="Value">The index.</param>
public readonly record struct VpIndex(uint Value)
{
    /// <summary>In OPENCHANNEL: no interrupts for this channel.</summary>
    public static VpIndex InterruptsOff => new(0xFFFF_FFFF);
}
