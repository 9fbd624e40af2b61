using System.Buffers.Binary;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Where the headers of a frame are: as far as offloads must know it.</summary>
/// <param name="IsIpV6">IPv6 rather than IPv4.</param>
/// <param name="Transport">Offset of the TCP or UDP header.</param>
/// <param name="Protocol">6 is TCP, 17 is UDP.</param>
internal readonly record struct FrameHeaders(bool IsIpV6, int Transport, int Protocol)
{
    public const int Tcp = 6;
    public const int Udp = 17;

    private const int Ethernet = 14;
    private const int TypeAt = 12;
    private const int IpV4Least = 20;
    private const int IpV6Size = 40;
    private const int TcpLeast = 20;

    /// <summary>Finds them; IPv6 without extension headers, no fragments. False when the frame is nothing of the kind.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out FrameHeaders headers)
    {
        headers = default;
        if (frame.Length < Ethernet + IpV4Least)
            return false;
        var ip = frame[Ethernet..];
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame[TypeAt..]))
        {
            case 0x0800 when ip[0] >> 4 == 4:
                var length = (ip[0] & 15) * 4;
                if (length < IpV4Least || length > ip.Length || (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3FFF) != 0)
                    return false;
                headers = new FrameHeaders(false, Ethernet + length, ip[9]);
                return true;
            case 0x86DD when ip.Length >= IpV6Size && ip[0] >> 4 == 6:
                headers = new FrameHeaders(true, Ethernet + IpV6Size, ip[6]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>There is a whole TCP header.</summary>
    public bool HasTcp(ReadOnlySpan<byte> frame) =>
        Protocol == Tcp && Transport + TcpLeast <= frame.Length && (frame[Transport + 12] >> 4) * 4 is var length && length >= TcpLeast && Transport + length <= frame.Length;

    /// <summary>There is a whole UDP header.</summary>
    public bool HasUdp(ReadOnlySpan<byte> frame) => Protocol == Udp && Transport + 8 <= frame.Length;

    /// <summary>
    /// Writes the sum of the pseudo header where the checksum goes, as a host that computes the rest wants it; for a large send without
    /// the length, which then is 0 in the IP header too (protocol 6.6).
    /// </summary>
    public void Prepare(Span<byte> frame, bool isLargeSend)
    {
        var ip = frame[Ethernet..];
        if (isLargeSend)
        {
            (IsIpV6 ? ip.Slice(4, 2) : ip.Slice(2, 2)).Clear();
            if (!IsIpV6)
                ip.Slice(10, 2).Clear();
        }

        var length = IsIpV6
            ? BinaryPrimitives.ReadUInt16BigEndian(ip[4..])
            : BinaryPrimitives.ReadUInt16BigEndian(ip[2..]) - (Transport - Ethernet);
        var sum = (uint)(Protocol + (isLargeSend ? 0 : length));
        var addresses = IsIpV6 ? ip.Slice(8, 32) : ip.Slice(12, 8);
        for (var i = 0; i < addresses.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(Transport + (Protocol == Tcp ? 16 : 6))..], (ushort)sum);
    }

    /// <summary>A number that is the same for all frames between two ends.</summary>
    public static uint FlowOf(ReadOnlySpan<byte> frame)
    {
        if (!TryRead(frame, out var headers))
            return 0;
        var ends = headers.IsIpV6 ? frame.Slice(Ethernet + 8, 32) : frame.Slice(Ethernet + 12, 8);
        var hash = 0u;
        for (var i = 0; i < ends.Length; i += 4)
            hash = (hash ^ BinaryPrimitives.ReadUInt32BigEndian(ends[i..])) * 0x9E37_79B1;
        if (headers.Protocol is Tcp or Udp && headers.Transport + 4 <= frame.Length)
            hash = (hash ^ BinaryPrimitives.ReadUInt32BigEndian(frame[headers.Transport..])) * 0x9E37_79B1;
        return hash ^ (hash >> 16);
    }
}
