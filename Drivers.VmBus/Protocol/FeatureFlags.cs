namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>Features asked for and granted from VMBus 6.0 on (OpenVMM).</summary>
[Flags]
public enum FeatureFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>OPENCHANNEL names the connection and event flag that the host shall signal.</summary>
    GuestSignalParameters = 0x01,

    /// <summary>Channel interrupts may be redirected.</summary>
    InterruptRedirection = 0x02,

    /// <summary>MODIFY_CONNECTION.</summary>
    ModifyConnection = 0x04,

    /// <summary>INITIATE_CONTACT carries a client id.</summary>
    ClientId = 0x08,

    /// <summary>Channels with encrypted rings.</summary>
    ConfidentialChannels = 0x10,

    /// <summary>PAUSE and RESUME.</summary>
    PauseResume = 0x20,

    /// <summary>The host provides the monitor pages.</summary>
    ServerMonitorPages = 0x40,

    /// <summary>The host pins GPADLs.</summary>
    GpaPinning = 0x80,
}
