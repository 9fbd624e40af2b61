namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>What is received.</summary>
[Flags]
public enum PacketFilter : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Frames to the own address.</summary>
    Directed = 1,

    /// <summary>Groups of the multicast list.</summary>
    Multicast = 2,

    /// <summary>All groups.</summary>
    AllMulticast = 4,

    /// <summary>Broadcasts.</summary>
    Broadcast = 8,

    /// <summary>Everything.</summary>
    Promiscuous = 0x20,
}
