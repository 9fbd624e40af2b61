namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Status in an RNDIS message, an answer's or an indication's.</summary>
public enum RndisStatus : uint
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Not yet.</summary>
    Pending = 0x0000_0103,

    /// <summary>The link is up.</summary>
    MediaConnect = 0x4001_000B,

    /// <summary>The link is down.</summary>
    MediaDisconnect = 0x4001_000C,

    /// <summary>The link has another speed: u32, 100 bit/s units.</summary>
    LinkSpeedChange = 0x4001_0013,

    /// <summary>The link was down and is up, perhaps to another network.</summary>
    NetworkChange = 0x4001_0018,

    /// <summary>Offloads as they are now.</summary>
    OffloadCurrentConfig = 0x4002_0006,

    /// <summary>There was more than fits.</summary>
    BufferOverflow = 0x8000_0005,

    /// <summary>Failed.</summary>
    Failure = 0xC000_0001,

    /// <summary>Not supported.</summary>
    NotSupported = 0xC000_00BB,

    /// <summary>The length is wrong.</summary>
    InvalidLength = 0xC001_0014,

    /// <summary>The data is wrong.</summary>
    InvalidData = 0xC001_0015,

    /// <summary>The buffer is too short.</summary>
    BufferTooShort = 0xC001_0016,

    /// <summary>There is no such OID.</summary>
    InvalidOid = 0xC001_0017,
}
