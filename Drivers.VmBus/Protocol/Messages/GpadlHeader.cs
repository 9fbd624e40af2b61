using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>GPADL_HEADER with one range, 28 bytes before the page frame numbers.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct GpadlHeader
{
    /// <summary>Frame numbers that fit.</summary>
    public const int MostFrames = (MessageHeader.LargestMessage - 28) / 8;

    /// <summary>Frames of one range at most: the range buffer length is 16 bits (8 + 8 per frame).</summary>
    public const int MostFramesInRange = 8190;

    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public GpadlId Gpadl;

    /// <summary>16: bytes from offset 20 on, over header and bodies.</summary>
    public ushort RangeBufferLength;

    /// <summary>18: 1.</summary>
    public ushort RangeCount;

    /// <summary>20.</summary>
    public uint ByteCount;

    /// <summary>24: in the first page.</summary>
    public uint ByteOffset;
}
