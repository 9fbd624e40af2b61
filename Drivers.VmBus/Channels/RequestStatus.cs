namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>How a request ended.</summary>
public enum RequestStatus
{
    /// <summary>The host has completed it; there is a payload to be checked.</summary>
    Completed,

    /// <summary>The channel was closed.</summary>
    Closed,

    /// <summary>The host has taken the channel back; it does not use the request's memory any more.</summary>
    Rescinded,

    /// <summary>The channel broke. The host may still use the request's memory until the channel is closed.</summary>
    Broken,
}
