namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>Channel flags of an offer, bytes 56 and 57.</summary>
[Flags]
public enum OfferFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Enumerate a device interface.</summary>
    EnumerateDeviceInterface = 0x0001,

    /// <summary>Server supports transfer pages (OpenVMM 6.0: the ring may be confidential).</summary>
    TransferPages = 0x0002,

    /// <summary>Server supports GPADLs (OpenVMM: external memory may be confidential).</summary>
    Gpadls = 0x0004,

    /// <summary>Pinned.</summary>
    Pinned = 0x0008,

    /// <summary>The user-defined bytes have the pipe form.</summary>
    NamedPipe = 0x0010,

    /// <summary>Loopback.</summary>
    Loopback = 0x0100,

    /// <summary>Parent offer.</summary>
    Parent = 0x0200,

    /// <summary>Request monitored notification.</summary>
    MonitoredNotification = 0x0400,

    /// <summary>hv_sock.</summary>
    TransportLayer = 0x2000,
}
