namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Why a channel does not work any more.</summary>
public enum ChannelEnd
{
    /// <summary>It was closed.</summary>
    Closed,

    /// <summary>The host has taken it back.</summary>
    Rescinded,

    /// <summary>The connection was unloaded or suspended.</summary>
    Disconnected,
}
