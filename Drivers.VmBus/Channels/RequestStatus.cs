namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>How a request ended.</summary>
public enum RequestStatus
{
    /// <summary>The host has completed it; there is a payload to be checked.</summary>
    Completed,

    /// <summary>The channel was closed; the host does not use the request's memory any more.</summary>
    Closed,

    /// <summary>The host has taken the channel back; it does not use the request's memory any more.</summary>
    Rescinded,

    /// <summary>The channel ended, and the host never said that it let go. The request's memory must not be used again, nor freed.</summary>
    Lost,
}
