namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>What became of a packet that was to be sent.</summary>
public enum SendResult
{
    /// <summary>It is in the ring, and the host knows.</summary>
    Sent,

    /// <summary>Not now: the ring is full. <see cref="ChannelHandler.OnRoom"/> follows.</summary>
    RingFull,

    /// <summary>Not now: as many requests are outstanding as the channel allows. <see cref="ChannelHandler.OnRoom"/> follows.</summary>
    NoSlot,

    /// <summary>Never: it is larger than the ring.</summary>
    TooLarge,

    /// <summary>Never: the channel is not open, or it is broken.</summary>
    Closed,
}
