using System.Buffers.Binary;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>Layout of the frames of the link test; boot/EVENTS.md, "The link test". Numbers are big-endian, as in every network header.</summary>
internal static class LinkFrame
{
    /// <summary>IEEE 802 local experimental EtherType 1.</summary>
    public const ushort EtherType = 0x88B5;

    public const int HeaderSize = 14;
    public const int TypePlace = 12;
    public const int KindPlace = 14;
    public const int StatusPlace = 15;
    public const int TagPlace = 16;
    public const int BodyPlace = 18;

    /// <summary>Shortest frame on the wire, without check sequence.</summary>
    public const int Shortest = 60;

    /// <summary>Longest one.</summary>
    public const int Longest = 1514;

    public static MacAddress Destination(ReadOnlySpan<byte> frame) => MacAddress.Read(frame);

    public static MacAddress Source(ReadOnlySpan<byte> frame) => MacAddress.Read(frame[MacAddress.Size..]);

    public static ushort TypeOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[TypePlace..]);

    public static LinkKind KindOf(ReadOnlySpan<byte> frame) => (LinkKind)frame[KindPlace];

    public static uint Read32(ReadOnlySpan<byte> frame, int place) => BinaryPrimitives.ReadUInt32BigEndian(frame[place..]);

    public static ulong Read64(ReadOnlySpan<byte> frame, int place) => BinaryPrimitives.ReadUInt64BigEndian(frame[place..]);

    public static ushort Read16(ReadOnlySpan<byte> frame, int place) => BinaryPrimitives.ReadUInt16BigEndian(frame[place..]);

    public static void Write32(Span<byte> frame, int place, uint value) => BinaryPrimitives.WriteUInt32BigEndian(frame[place..], value);

    public static void Write64(Span<byte> frame, int place, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(frame[place..], value);

    public static void Write16(Span<byte> frame, int place, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(frame[place..], value);

    /// <summary>Begins a frame: its length, header, kind and tag; everything else is zero up to the length.</summary>
    public static Span<byte> Begin(Frame frame, int length, MacAddress destination, MacAddress source, LinkKind kind, ushort tag)
    {
        frame.Length = length;
        Span<byte> bytes = frame.Data;
        destination.Write(bytes);
        source.Write(bytes[MacAddress.Size..]);
        Write16(bytes, TypePlace, EtherType);
        bytes[KindPlace] = (byte)kind;
        bytes[StatusPlace] = 0;
        Write16(bytes, TagPlace, tag);
        return bytes;
    }
}
