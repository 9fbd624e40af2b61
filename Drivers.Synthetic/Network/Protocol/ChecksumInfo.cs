namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Checksums of a frame, as packet information. The bits mean one thing when sent, another when received.</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct ChecksumInfo(uint Value)
{
    /// <summary>Sent: it is IPv4.</summary>
    public const uint SendIpV4 = 1 << 0;

    /// <summary>Sent: it is IPv6.</summary>
    public const uint SendIpV6 = 1 << 1;

    /// <summary>Sent: the TCP checksum is wanted.</summary>
    public const uint SendTcp = 1 << 2;

    /// <summary>Sent: the UDP checksum is wanted.</summary>
    public const uint SendUdp = 1 << 3;

    /// <summary>Sent: the checksum of the IPv4 header is wanted.</summary>
    public const uint SendIpHeader = 1 << 4;

    /// <summary>Sent: shift of the TCP header's offset in the frame, ten bits.</summary>
    public const int SendHeaderShift = 16;

    /// <summary>Received: TCP failed.</summary>
    public const uint ReceiveTcpBad = 1 << 0;

    /// <summary>Received: UDP failed.</summary>
    public const uint ReceiveUdpBad = 1 << 1;

    /// <summary>Received: the IPv4 header failed.</summary>
    public const uint ReceiveIpBad = 1 << 2;

    /// <summary>Received: TCP is good.</summary>
    public const uint ReceiveTcpGood = 1 << 3;

    /// <summary>Received: UDP is good.</summary>
    public const uint ReceiveUdpGood = 1 << 4;

    /// <summary>Received: the IPv4 header is good.</summary>
    public const uint ReceiveIpGood = 1 << 5;

    /// <summary>Received: all of these bits are set.</summary>
    public bool Has(uint bits) => (Value & bits) == bits;
}
