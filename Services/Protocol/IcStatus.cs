namespace GuestOS.Services.Protocol;

/// <summary>How a request ended: HRESULTs (Linux include/linux/hyperv.h, HV_S_* and HV_E_*). Unknown values survive.</summary>
public enum IcStatus : uint
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Failed, or not understood.</summary>
    Fail = 0x8000_4005,

    /// <summary>Not supported.</summary>
    NotSupported = 0x8007_0032,

    /// <summary>It exists already.</summary>
    AlreadyExists = 0x8007_0050,

    /// <summary>An argument is wrong.</summary>
    InvalidArgument = 0x8007_0057,

    /// <summary>No room.</summary>
    DiskFull = 0x8007_0070,

    /// <summary>An enumeration is at its end.</summary>
    NoMoreItems = 0x8007_0103,

    /// <summary>Locked.</summary>
    Locked = 0x8007_04F7,

    /// <summary>The device is not connected.</summary>
    NotConnected = 0x8007_048F,

    /// <summary>No such key.</summary>
    NotFound = 0x8004_1002,
}
