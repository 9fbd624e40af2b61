using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Head of an element of per-packet information, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PacketInfoHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>Bytes of an element whose data is a u32.</summary>
    public const int WordSize = Size + sizeof(uint);

    /// <summary>0: bytes of the element, a multiple of 4.</summary>
    public uint ElementSize;

    /// <summary>4.</summary>
    public PacketInfoType Type;

    /// <summary>8: from the element's start.</summary>
    public uint DataOffset;
}
