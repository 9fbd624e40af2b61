using System.Buffers.Binary;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Frames by hand, and a checker of their checksums that shares no code with either side.</summary>
internal static class Frames
{
    public const ulong Peer = 0x0200_0000_0099;
    public const int V4Header = 14 + 20;
    public const int V6Header = 14 + 40;

    public static byte[] Random(Random random, int length, MacAddress source, ulong destination = Peer)
    {
        var data = new byte[length];
        random.NextBytes(data);
        new MacAddress(destination).Write(data);
        source.Write(data.AsSpan(6));
        data[12] = 0x88;
        data[13] = 0xB5;
        return data;
    }

    /// <summary>Source and destination exchanged.</summary>
    public static byte[] Swapped(byte[] data) => [.. data.AsSpan(6, 6), .. data.AsSpan(0, 6), .. data.AsSpan(12)];

    /// <summary>TCP or UDP over IPv4 or IPv6, its checksums wrong.</summary>
    public static byte[] Ip(Random random, bool isV6, bool isTcp, int payload, MacAddress source, ushort port = 4321)
    {
        var transport = isV6 ? V6Header : V4Header;
        var headers = transport + (isTcp ? 20 : 8);
        var data = new byte[headers + payload];
        random.NextBytes(data);
        new MacAddress(Peer).Write(data);
        source.Write(data.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(12), (ushort)(isV6 ? 0x86DD : 0x0800));
        var length = data.Length - transport;
        if (isV6)
        {
            data[14] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(18), (ushort)length);
            data[20] = (byte)(isTcp ? 6 : 17);
        }
        else
        {
            data[14] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(16), (ushort)(length + 20));
            data[20] = 0x40;
            data[21] = 0;
            data[23] = (byte)(isTcp ? 6 : 17);
        }

        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(transport), port);
        if (isTcp)
        {
            data[transport + 12] = 0x50;
            data[transport + 13] = 0x18;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(transport + 4), (ushort)length);
        }

        return data;
    }

    /// <summary>
    /// Sums everything up as a receiver does: with its checksum field included the one's complement sum is all ones (RFC 1071).
    /// </summary>
    public static string? FindBadChecksum(byte[] data)
    {
        var isV6 = data[12] == 0x86;
        var transport = isV6 ? V6Header : 14 + ((data[14] & 15) << 2);
        if (!isV6 && Sum(data, 14, transport) != 0xFFFF)
            return "IPv4 header";
        var protocol = isV6 ? data[20] : data[23];
        var end = isV6 ? transport + ((data[18] << 8) | data[19]) : 14 + ((data[16] << 8) | data[17]);
        if (end > data.Length)
            return "length";
        var sum = Sum(data, isV6 ? 22 : 26, transport) + Sum(data, transport, end) + protocol + (end - transport);
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return sum == 0xFFFF ? null : protocol == 6 ? "TCP" : "UDP";
    }

    private static int Sum(byte[] data, int start, int end)
    {
        var sum = 0;
        for (var i = start; i < end; i++)
        {
            sum += ((i - start) & 1) == 0 ? data[i] * 256 : data[i];
            if (sum > 0xFFFF)
                sum -= 0xFFFF;
        }

        return sum;
    }
}
