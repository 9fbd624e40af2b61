using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>The RNDIS header of a frame that is sent.</summary>
internal static class SendHeader
{
    /// <summary>Bytes of the longest: with checksums or a large send, and a tag.</summary>
    public const int Longest = RndisPacket.Size + (2 * PacketInfoHeader.WordSize);

    /// <summary>What is wrong with the offloads that a frame asks for; null when all is well.</summary>
    public static string? FindFault(Frame frame, in NetworkOffloads offloads)
    {
        var wish = frame.Offload;
        if (wish.Vlan is not null && !offloads.Vlan)
            return "an 802.1Q tag";
        if (wish.Wanted == FrameChecks.None && wish.SegmentSize == 0)
            return null;
        var data = frame.Data;
        if (!FrameHeaders.TryRead(data, out var headers))
            return "offloads in a frame that is neither IPv4 nor IPv6";
        var known = headers.IsIpV6 ? offloads.IpV6 : offloads.IpV4;
        if ((wish.Wanted & ~known) != 0)
            return $"checksums {wish.Wanted}, where it computes {known}";
        if (((wish.Wanted & FrameChecks.Tcp) != 0 || wish.SegmentSize != 0) && !headers.HasTcp(data))
            return "an offload of TCP in a frame without it";
        if ((wish.Wanted & FrameChecks.Udp) != 0 && !headers.HasUdp(data))
            return "a checksum of UDP in a frame without it";
        if (wish.SegmentSize == 0)
            return null;
        var largest = headers.IsIpV6 ? offloads.LargestIpV6 : offloads.LargestIpV4;
        return wish.SegmentSize is < 1 or > 0xFFFF || frame.Length > largest ? $"a large send of {frame.Length} bytes in segments of {wish.SegmentSize}" : null;
    }

    /// <summary>Writes the header and its packet information, and prepares the frame for what the host shall do.</summary>
    /// <returns>Bytes of the header.</returns>
    public static int Write(Frame frame, Span<byte> destination)
    {
        var wish = frame.Offload;
        var length = RndisPacket.Size;
        if ((wish.Wanted != FrameChecks.None || wish.SegmentSize != 0) && FrameHeaders.TryRead(frame.Data, out var headers))
        {
            if (wish.SegmentSize != 0)
                length += Element(destination[length..], PacketInfoType.LargeSend, new LargeSendInfo(wish.SegmentSize, headers.Transport, headers.IsIpV6).Value);
            else
                length += Element(destination[length..], PacketInfoType.Checksum, ChecksumsOf(wish.Wanted, headers));
            if (wish.SegmentSize != 0 || (wish.Wanted & (FrameChecks.Tcp | FrameChecks.Udp)) != 0)
                headers.Prepare(frame.Data, wish.SegmentSize != 0);
        }

        if (wish.Vlan is { } tag)
            length += Element(destination[length..], PacketInfoType.Vlan, VlanInfo.Of(tag).Value);
        MemoryMarshal.Write(destination, new RndisPacket
        {
            Header = new RndisHeader { Type = RndisMessageType.Packet, Length = (uint)(length + frame.Length) },
            DataOffset = (uint)(length - RndisHeader.Size),
            DataLength = (uint)frame.Length,
            InfoOffset = length == RndisPacket.Size ? 0 : RndisPacket.FirstOffset,
            InfoLength = (uint)(length - RndisPacket.Size),
        });
        return length;
    }

    private static uint ChecksumsOf(FrameChecks wanted, in FrameHeaders headers)
    {
        var bits = headers.IsIpV6 ? ChecksumInfo.SendIpV6 : ChecksumInfo.SendIpV4;
        if ((wanted & FrameChecks.IpHeader) != 0)
            bits |= ChecksumInfo.SendIpHeader;
        if ((wanted & FrameChecks.Tcp) != 0)
            bits |= ChecksumInfo.SendTcp;
        if ((wanted & FrameChecks.Udp) != 0)
            bits |= ChecksumInfo.SendUdp;
        return bits | ((uint)headers.Transport << ChecksumInfo.SendHeaderShift);
    }

    private static int Element(Span<byte> destination, PacketInfoType type, uint value)
    {
        MemoryMarshal.Write(destination, new PacketInfoHeader { ElementSize = PacketInfoHeader.WordSize, Type = type, DataOffset = PacketInfoHeader.Size });
        MemoryMarshal.Write(destination[PacketInfoHeader.Size..], value);
        return PacketInfoHeader.WordSize;
    }
}
