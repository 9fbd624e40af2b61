namespace GuestOS.Machine.Network;

/// <summary>Internet checksums of a frame.</summary>
[Flags]
public enum FrameChecks
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Of the IPv4 header.</summary>
    IpHeader = 1,

    /// <summary>Of TCP, pseudo header included.</summary>
    Tcp = 2,

    /// <summary>Of UDP, pseudo header included.</summary>
    Udp = 4,
}
