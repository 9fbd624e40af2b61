using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Reads the packet information of a received frame.</summary>
internal static class PacketInfo
{
    /// <summary>Most bytes that are looked at; hosts send less than 100.</summary>
    public const int Most = 512;

    /// <summary>Rule N7. Unknown elements are skipped.</summary>
    /// <param name="info">A private copy.</param>
    /// <param name="offload">What it says of the frame.</param>
    /// <returns>False when it is malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> info, out FrameOffload offload)
    {
        offload = default;
        while (!info.IsEmpty)
        {
            if (info.Length < PacketInfoHeader.Size)
                return false;
            var header = MemoryMarshal.Read<PacketInfoHeader>(info);
            var size = header.ElementSize;
            if (size < PacketInfoHeader.Size || size % 4 != 0 || size > (uint)info.Length)
                return false;
            if (header.Type is PacketInfoType.Checksum or PacketInfoType.Vlan or PacketInfoType.Hash)
            {
                if ((ulong)header.DataOffset + sizeof(uint) > size)
                    return false;
                offload = With(offload, header.Type, MemoryMarshal.Read<uint>(info[(int)header.DataOffset..]));
            }

            info = info[(int)size..];
        }

        return true;
    }

    private static FrameOffload With(in FrameOffload offload, PacketInfoType type, uint value)
    {
        switch (type)
        {
            case PacketInfoType.Vlan:
                return offload with { Vlan = new VlanInfo(value).Tag };
            case PacketInfoType.Hash:
                return offload with { Hash = value };
            default:
                var checksums = new ChecksumInfo(value);
                return offload with
                {
                    Good = Set(checksums, ChecksumInfo.ReceiveIpGood, ChecksumInfo.ReceiveTcpGood, ChecksumInfo.ReceiveUdpGood),
                    Bad = Set(checksums, ChecksumInfo.ReceiveIpBad, ChecksumInfo.ReceiveTcpBad, ChecksumInfo.ReceiveUdpBad),
                };
        }
    }

    private static FrameChecks Set(ChecksumInfo info, uint ip, uint tcp, uint udp) =>
        (info.Has(ip) ? FrameChecks.IpHeader : 0) | (info.Has(tcp) ? FrameChecks.Tcp : 0) | (info.Has(udp) ? FrameChecks.Udp : 0);
}
