using System.Buffers.Binary;
using System.Text;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>The announcement of a station: a frame of the Link Layer Discovery Protocol (IEEE 802.1AB-2016, clauses 7 and 8).</summary>
internal static class Announcement
{
    public const ushort EtherType = 0x88CC;

    private const int ChassisId = 1;
    private const int PortId = 2;
    private const int TimeToLive = 3;
    private const int SystemName = 5;
    private const byte ChassisIsAddress = 4;
    private const byte PortIsName = 5;
    private const ushort Seconds = 120;

    /// <summary>The nearest bridge's group address (table 7-1).</summary>
    public static MacAddress Group => new(0x0180_C200_000E);

    /// <summary>Writes the frame.</summary>
    public static void Write(Frame frame, INetworkDevice device)
    {
        Span<byte> room = frame.Room;
        Group.Write(room);
        device.Address.Write(room[MacAddress.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(room[12..], EtherType);
        int place = 14;
        Span<byte> chassis = stackalloc byte[1 + MacAddress.Size];
        chassis[0] = ChassisIsAddress;
        device.Address.Write(chassis[1..]);
        Append(room, ref place, ChassisId, chassis);
        Append(room, ref place, PortId, [PortIsName, .. Encoding.ASCII.GetBytes(device.Name)]);
        Append(room, ref place, TimeToLive, [(byte)(Seconds >> 8), (byte)(Seconds & 0xFF)]);
        Append(room, ref place, SystemName, "GuestOS"u8);
        Append(room, ref place, 0, []);
        frame.Length = place;
    }

    private static void Append(Span<byte> room, ref int place, int type, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(room[place..], (ushort)((type << 9) | value.Length));
        value.CopyTo(room[(place + 2)..]);
        place += 2 + value.Length;
    }
}
