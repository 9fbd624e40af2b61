namespace GuestOS.Kernel.Drivers;

/// <summary>Where a device is in its life; the names, in lower case, are those of the <c>device</c> event.</summary>
public enum DeviceState
{
    /// <summary>Nothing serves it.</summary>
    Found,

    /// <summary>Its driver has set it up; nothing is published.</summary>
    Attached,

    /// <summary>It serves.</summary>
    Started,

    /// <summary>Its driver holds it still.</summary>
    Suspended,

    /// <summary>Another device serves what it could serve; it stands ready.</summary>
    Yielded,

    /// <summary>Its driver has let go of it.</summary>
    Detached,

    /// <summary>Its bus has taken it back.</summary>
    Removed,

    /// <summary>Its driver could not serve it, and has let go of it.</summary>
    Failed,
}
