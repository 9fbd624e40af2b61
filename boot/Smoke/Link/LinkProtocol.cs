using System.Buffers.Binary;

namespace GuestOS.Boot.Smoke.Link;

/// <summary>Frames of the link test as boot/EVENTS.md describes them. All numbers are big-endian.</summary>
internal static class LinkProtocol
{
    public const ushort EtherType = 0x88B5;
    public const ushort AnnouncementType = 0x88CC;
    public const int Shortest = 60;
    public const int Longest = 1514;
    public const int BodyPlace = 18;

    /// <summary>Where the content of a numbered frame begins.</summary>
    public const int ContentPlace = 22;

    public static ReadOnlySpan<byte> Broadcast => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

    /// <summary>The group address of announcements (IEEE 802.1AB, nearest bridge).</summary>
    public static ReadOnlySpan<byte> AnnouncementGroup => [0x01, 0x80, 0xC2, 0x00, 0x00, 0x0E];

    public static ushort TypeOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);

    public static LinkKind KindOf(ReadOnlySpan<byte> frame) => (LinkKind)frame[14];

    public static ushort TagOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[16..]);

    public static uint Read32(ReadOnlySpan<byte> frame, int place) => BinaryPrimitives.ReadUInt32BigEndian(frame[place..]);

    public static void WriteHeader(Span<byte> frame, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> source, LinkKind kind, ushort tag)
    {
        destination.CopyTo(frame);
        source.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        frame[14] = (byte)kind;
        frame[15] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], tag);
    }

    /// <summary>Size of a numbered frame.</summary>
    public static int SizeOf(ulong seed, uint number) => Shortest + (int)(Pattern.Word(~seed, number) % (Longest - Shortest + 1));

    /// <summary>Writes the content of a numbered frame.</summary>
    public static void Fill(Span<byte> content, ulong seed, uint number)
    {
        var own = Pattern.Word(seed, number);
        Span<byte> word = stackalloc byte[8];
        for (var i = 0; i < content.Length; i += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Pattern.Word(own, (ulong)i / 8));
            word[..Math.Min(8, content.Length - i)].CopyTo(content[i..]);
        }
    }
}

/// <summary>Kinds of frames of the link test.</summary>
internal enum LinkKind : byte
{
    EchoRequest = 1,
    EchoAnswer = 2,
    Burst = 3,
    Credit = 4,
    Start = 5,
    Started = 6,
    Report = 7,
    ReportAnswer = 8,
    Filter = 9,
    FilterAnswer = 10,
    Probe = 11,
    Probes = 12,
    ProbesAnswer = 13,
    End = 14,
    EndAnswer = 15,
}
