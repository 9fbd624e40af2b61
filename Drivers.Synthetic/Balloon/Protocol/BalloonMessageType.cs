namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>Kinds of messages of the dynamic-memory protocol (Linux drivers/hv/hv_balloon.c).</summary>
public enum BalloonMessageType : ushort
{
    /// <summary>Something is wrong; has no body.</summary>
    Error = 0,

    /// <summary>Guest to host: <see cref="VersionRequest"/>.</summary>
    VersionRequest = 1,

    /// <summary>Host to guest: <see cref="VersionResponse"/>.</summary>
    VersionResponse = 2,

    /// <summary>Guest to host: <see cref="CapabilitiesReport"/>.</summary>
    CapabilitiesReport = 3,

    /// <summary>Host to guest: <see cref="CapabilitiesResponse"/>.</summary>
    CapabilitiesResponse = 4,

    /// <summary>Guest to host: <see cref="StatusReport"/>.</summary>
    StatusReport = 5,

    /// <summary>Host to guest: <see cref="BalloonRequest"/>.</summary>
    BalloonRequest = 6,

    /// <summary>Guest to host: <see cref="BalloonResponse"/> and ranges.</summary>
    BalloonResponse = 7,

    /// <summary>Host to guest: <see cref="UnballoonRequest"/> and ranges.</summary>
    UnballoonRequest = 8,

    /// <summary>Guest to host: the header alone.</summary>
    UnballoonResponse = 9,

    /// <summary>Host to guest: <see cref="HotAddRequest"/>, or with a region <see cref="HotAddRegionRequest"/>.</summary>
    HotAddRequest = 10,

    /// <summary>Guest to host: <see cref="HotAddResponse"/>.</summary>
    HotAddResponse = 11,

    /// <summary>Host to guest: <see cref="InfoMessage"/>.</summary>
    InfoMessage = 12,

    /// <summary>Host to guest, 2.0: <see cref="HotRemoveRequest"/>.</summary>
    HotRemoveRequest = 13,

    /// <summary>Guest to host, 2.0: <see cref="HotRemoveResponse"/> and ranges.</summary>
    HotRemoveResponse = 14,
}
