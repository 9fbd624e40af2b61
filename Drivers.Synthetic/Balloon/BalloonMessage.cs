using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>Why a message is not taken.</summary>
internal enum MessageFlaw
{
    None,

    /// <summary>Shorter than its type, or than it says.</summary>
    Malformed,

    /// <summary>No type that a host sends.</summary>
    Unknown,
}

/// <summary>A message of the host that is as long as its type and its own length field demand (rule B1).</summary>
internal readonly ref struct BalloonMessage
{
    private readonly ReadOnlySpan<byte> _bytes;

    private BalloonMessage(BalloonMessageType type, ReadOnlySpan<byte> bytes)
    {
        Type = type;
        _bytes = bytes;
    }

    public BalloonMessageType Type { get; }

    /// <summary>Bytes of the message.</summary>
    public int Length => _bytes.Length;

    /// <param name="packet">A private copy of what came; may end in padding.</param>
    /// <param name="message">The message, without what follows it.</param>
    public static MessageFlaw Read(ReadOnlySpan<byte> packet, out BalloonMessage message)
    {
        message = default;
        if (packet.Length < BalloonHeader.Size)
            return MessageFlaw.Malformed;
        var header = MemoryMarshal.Read<BalloonHeader>(packet);
        int least = LeastLength(header.Type);
        if (least == 0)
            return MessageFlaw.Unknown;
        if (header.Length < least || header.Length > packet.Length)
            return MessageFlaw.Malformed;
        message = new BalloonMessage(header.Type, packet[..header.Length]);
        return MessageFlaw.None;
    }

    /// <summary>The body with the header. The type says that it is this one.</summary>
    public T As<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(_bytes);

    /// <summary>The ranges of an unballoon request; false when there are fewer than it says (rule B3).</summary>
    public bool TryGetRanges(uint count, out ReadOnlySpan<WirePageRange> ranges)
    {
        ranges = default;
        ReadOnlySpan<byte> rest = _bytes[UnballoonRequest.Size..];
        if (count > (uint)(rest.Length / WirePageRange.Size))
            return false;
        ranges = MemoryMarshal.Cast<byte, WirePageRange>(rest[..((int)count * WirePageRange.Size)]);
        return true;
    }

    /// <summary>The one table of what a host may send, and how long it is at least; 0 for anything else.</summary>
    private static int LeastLength(BalloonMessageType type) => type switch
    {
        BalloonMessageType.Error => BalloonHeader.Size,
        BalloonMessageType.VersionResponse => 16,
        BalloonMessageType.CapabilitiesResponse => 16,
        BalloonMessageType.BalloonRequest => 16,
        BalloonMessageType.UnballoonRequest => UnballoonRequest.Size,
        BalloonMessageType.HotAddRequest => 16,
        BalloonMessageType.InfoMessage => InfoMessage.HeadSize,
        BalloonMessageType.HotRemoveRequest => 24,
        _ => 0,
    };
}
