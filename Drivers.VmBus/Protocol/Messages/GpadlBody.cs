using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>GPADL_BODY, 16 bytes before more frame numbers.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpadlBody
{
    /// <summary>Frame numbers that fit.</summary>
    public const int MostFrames = (MessageHeader.LargestMessage - 16) / 8;

    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8: hosts ignore it.</summary>
    public uint MessageNumber;

    /// <summary>12.</summary>
    public GpadlId Gpadl;
}
