namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>How an NVSP request ended.</summary>
public enum NvspStatus : uint
{
    /// <summary>Nothing was said.</summary>
    None = 0,

    /// <summary>Done.</summary>
    Success = 1,

    /// <summary>Not done.</summary>
    Failure = 2,

    /// <summary>The protocol is newer than the host.</summary>
    ProtocolTooNew = 3,

    /// <summary>The protocol is older than the host supports.</summary>
    ProtocolTooOld = 4,

    /// <summary>The RNDIS message is invalid.</summary>
    InvalidRndisPacket = 5,

    /// <summary>Not now.</summary>
    Busy = 6,

    /// <summary>The protocol is not supported.</summary>
    ProtocolUnsupported = 7,
}
