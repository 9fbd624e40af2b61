namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Hypercalls (TLFS, appendix on call codes).</summary>
public enum CallCode : ushort
{
    /// <summary>HvCallFlushVirtualAddressSpace.</summary>
    FlushSpace = 0x0002,

    /// <summary>HvCallFlushVirtualAddressList.</summary>
    FlushList = 0x0003,

    /// <summary>HvCallNotifyLongSpinWait.</summary>
    NotifyLongSpin = 0x0008,

    /// <summary>HvCallSendSyntheticClusterIpi.</summary>
    SendIpi = 0x000B,

    /// <summary>HvCallFlushVirtualAddressSpaceEx.</summary>
    FlushSpaceEx = 0x0013,

    /// <summary>HvCallFlushVirtualAddressListEx.</summary>
    FlushListEx = 0x0014,

    /// <summary>HvCallSendSyntheticClusterIpiEx.</summary>
    SendIpiEx = 0x0015,

    /// <summary>HvCallPostMessage.</summary>
    PostMessage = 0x005C,

    /// <summary>HvCallSignalEvent.</summary>
    SignalEvent = 0x005D,

    /// <summary>HvExtCallQueryCapabilities.</summary>
    QueryExtendedCapabilities = 0x8001,
}
