namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>How a large frame is cut into segments, as packet information (version 2 of large send offload).</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct LargeSendInfo(uint Value)
{
    private const uint IsV2 = 1u << 30;
    private const uint IsIpV6 = 1u << 31;

    /// <param name="segmentSize">Bytes of TCP data in a segment, up to 20 bits.</param>
    /// <param name="headerOffset">Offset of the TCP header in the frame, up to 10 bits.</param>
    /// <param name="isIpV6">IPv6 rather than IPv4.</param>
    public LargeSendInfo(int segmentSize, int headerOffset, bool isIpV6)
        : this(((uint)segmentSize & 0xF_FFFF) | (((uint)headerOffset & 0x3FF) << 20) | IsV2 | (isIpV6 ? IsIpV6 : 0))
    {
    }
}
