namespace GuestOS.Machine.Network;

/// <summary>What a network interface does to frames that are sent. Nothing is the default value.</summary>
public readonly record struct NetworkOffloads
{
    /// <summary>Checksums in IPv4 frames, options included.</summary>
    public FrameChecks IpV4 { get; init; }

    /// <summary>Checksums in IPv6 frames without extension headers.</summary>
    public FrameChecks IpV6 { get; init; }

    /// <summary>Most bytes of an IPv4 frame that is cut into segments, its Ethernet header included; 0: none is.</summary>
    public int LargestIpV4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    public int LargestIpV6 { get; init; }

    /// <summary>Carries 802.1Q tags beside the frame.</summary>
    public bool Vlan { get; init; }
}
