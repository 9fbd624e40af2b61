namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Where a channel stands.</summary>
public enum ChannelStatus
{
    /// <summary>Offered; it can be opened.</summary>
    Closed,

    /// <summary>Being opened.</summary>
    Opening,

    /// <summary>Packets go both ways.</summary>
    Open,

    /// <summary>Being closed, or waiting for the host to let go of the ring.</summary>
    Closing,

    /// <summary>Taken back by the host; still in use here.</summary>
    Rescinded,

    /// <summary>Taken back, and its id released. This object stays dead.</summary>
    Released,

    /// <summary>The connection is suspended; it waits to be offered again.</summary>
    Suspended,
}
