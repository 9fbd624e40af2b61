namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Types of SynIC messages; bit 31 marks the hypervisor's own (TLFS 11.10).</summary>
public enum SynIcMessageType : uint
{
    /// <summary>The slot is empty.</summary>
    None = 0,

    /// <summary>A VMBus channel message.</summary>
    VmBus = 1,

    /// <summary>A synthetic timer expired.</summary>
    TimerExpired = 0x8000_0010,
}
