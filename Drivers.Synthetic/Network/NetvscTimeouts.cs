namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>How long the driver waits for the host.</summary>
internal static class NetvscTimeouts
{
    /// <summary>For an answer.</summary>
    public static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>For the packet filter to be off before the channel is closed.</summary>
    public static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    /// <summary>For frames that are on their way to have left.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);

    /// <summary>For subchannels that were granted to be offered.</summary>
    public static readonly TimeSpan Subchannels = TimeSpan.FromSeconds(2);
}
