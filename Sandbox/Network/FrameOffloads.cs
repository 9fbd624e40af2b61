namespace GuestOS.Sandbox.Network;

/// <summary>What a switch does for senders: checksums (RFC 1071), and cutting large TCP frames into segments.</summary>
public static class FrameOffloads
{
    private const int EthernetHeader = 14;
    private const int Fin = 0x01;
    private const int Push = 0x08;
    private const int Cwr = 0x80;

    /// <summary>Fills in the checksum of an IPv4 header.</summary>
    /// <param name="frame">A whole frame.</param>
    /// <returns>False when it is no IPv4 frame.</returns>
    public static bool FillIpHeader(Span<byte> frame)
    {
        if (!TryFind(frame, out var ip, out var transport, out _) || frame[ip] >> 4 != 4)
            return false;
        Wire.PutNet16(frame, ip + 10, 0);
        Wire.PutNet16(frame, ip + 10, Fold(Sum(frame[ip..transport], 0)));
        return true;
    }

    /// <summary>Fills in the checksum of TCP or UDP over the whole frame, pseudo header included.</summary>
    /// <param name="frame">A whole frame.</param>
    /// <param name="offset">Where the TCP or UDP header is, as the sender says.</param>
    /// <returns>False when it is not there.</returns>
    public static bool FillTransport(Span<byte> frame, int offset)
    {
        if (!TryFind(frame, out var ip, out var transport, out var protocol) || transport != offset)
            return false;
        var field = transport + (protocol == 6 ? 16 : 6);
        if (protocol is not (6 or 17) || field + 2 > frame.Length)
            return false;
        Wire.PutNet16(frame, field, 0);
        var end = EndOf(frame, ip);
        if (end > frame.Length || end < field + 2)
            return false;
        var sum = Sum(frame[transport..end], Pseudo(frame, ip, protocol, end - transport));
        var value = Fold(sum);
        Wire.PutNet16(frame, field, value == 0 && protocol == 17 ? 0xFFFF : value);
        return true;
    }

    /// <summary>Cuts a large frame, which has length 0 in its IP header, into segments with checksums.</summary>
    /// <returns>Null when it is none.</returns>
    public static List<byte[]>? Segment(ReadOnlySpan<byte> frame, int offset, int segmentSize)
    {
        if (!TryFind(frame, out var ip, out var transport, out var protocol) || protocol != 6 || transport != offset || segmentSize <= 0 || transport + 20 > frame.Length)
            return null;
        var headers = transport + ((frame[transport + 12] >> 4) * 4);
        var isV4 = frame[ip] >> 4 == 4;
        if (headers < transport + 20 || headers > frame.Length || Wire.Net16(frame, isV4 ? ip + 2 : ip + 4) != 0)
            return null;
        var sequence = Wire.Net32(frame, transport + 4);
        var flags = frame[transport + 13];
        var segments = new List<byte[]>();
        for (var at = headers; at < frame.Length || segments.Count == 0; at += segmentSize)
        {
            var length = Math.Min(segmentSize, frame.Length - at);
            var segment = new byte[headers + length];
            frame[..headers].CopyTo(segment);
            frame.Slice(at, length).CopyTo(segment.AsSpan(headers));
            if (isV4)
            {
                Wire.PutNet16(segment, ip + 2, segment.Length - ip);
                Wire.PutNet16(segment, ip + 4, Wire.Net16(frame, ip + 4) + segments.Count);
                FillIpHeader(segment);
            }
            else
            {
                Wire.PutNet16(segment, ip + 4, segment.Length - ip - 40);
            }

            Wire.PutNet32(segment, transport + 4, sequence + (uint)(at - headers));
            var isLast = at + length >= frame.Length;
            segment[transport + 13] = (byte)(flags & ~(isLast ? 0 : Fin | Push) & ~(segments.Count == 0 ? 0 : Cwr));
            if (!FillTransport(segment, transport))
                return null;
            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>Where the headers are; IPv6 without extension headers.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> frame, out int ip, out int transport, out int protocol)
    {
        ip = EthernetHeader;
        transport = protocol = 0;
        if (frame.Length < EthernetHeader + 20)
            return false;
        switch (Wire.Net16(frame, 12))
        {
            case 0x0800 when frame[ip] >> 4 == 4:
                transport = ip + ((frame[ip] & 15) * 4);
                protocol = frame[ip + 9];
                return transport >= ip + 20 && transport <= frame.Length;
            case 0x86DD when frame.Length >= EthernetHeader + 40 && frame[ip] >> 4 == 6:
                transport = ip + 40;
                protocol = frame[ip + 6];
                return true;
            default:
                return false;
        }
    }

    private static int EndOf(ReadOnlySpan<byte> frame, int ip) =>
        frame[ip] >> 4 == 4 ? ip + Wire.Net16(frame, ip + 2) : ip + 40 + Wire.Net16(frame, ip + 4);

    private static uint Pseudo(ReadOnlySpan<byte> frame, int ip, int protocol, int length)
    {
        var addresses = frame[ip] >> 4 == 4 ? frame.Slice(ip + 12, 8) : frame.Slice(ip + 8, 32);
        return Sum(addresses, (uint)(protocol + length));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        var total = (ulong)sum;
        for (var i = 0; i < bytes.Length; i++)
            total += (i & 1) == 0 ? (ulong)bytes[i] << 8 : bytes[i];
        while (total >> 16 != 0)
            total = (total & 0xFFFF) + (total >> 16);
        return (uint)total;
    }

    private static int Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (int)(~sum & 0xFFFF);
    }
}
