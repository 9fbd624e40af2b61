using GuestOS.Drivers.Synthetic.Network.Protocol;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Where frame and packet information of a received PACKET are, from the message's start, proved to lie inside of it.</summary>
/// <param name="DataOffset">Of the frame.</param>
/// <param name="DataLength">Bytes of the frame, at least 14.</param>
/// <param name="InfoOffset">Of the packet information.</param>
/// <param name="InfoLength">Its bytes; 0 when there is none.</param>
internal readonly record struct PacketLayout(int DataOffset, int DataLength, int InfoOffset, int InfoLength)
{
    private const uint ShortestFrame = 14;

    /// <summary>Rules N5 and N6; out-of-band data is not looked at.</summary>
    /// <param name="packet">A private copy of the header.</param>
    /// <param name="range">Bytes that the host says there are.</param>
    /// <param name="layout">The result.</param>
    public static bool TryRead(in RndisPacket packet, int range, out PacketLayout layout)
    {
        layout = default;
        var length = packet.Header.Length;
        if (length < RndisPacket.Size || length > (uint)range || packet.DataLength < ShortestFrame)
            return false;
        if (!IsInside(packet.DataOffset, packet.DataLength, length) || (packet.InfoLength != 0 && !IsInside(packet.InfoOffset, packet.InfoLength, length)))
            return false;
        layout = new PacketLayout(
            (int)packet.DataOffset + RndisHeader.Size,
            (int)packet.DataLength,
            packet.InfoLength == 0 ? 0 : (int)packet.InfoOffset + RndisHeader.Size,
            (int)packet.InfoLength);
        return true;
    }

    private static bool IsInside(uint offset, uint count, uint length) =>
        offset >= RndisPacket.FirstOffset && (ulong)offset + RndisHeader.Size + count <= length;
}
