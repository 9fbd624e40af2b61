using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>PACKET, 44 bytes; packet info and the frame, without its check sequence, follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisPacket
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 44;

    /// <summary>Offset of what directly follows.</summary>
    public const uint FirstOffset = Size - RndisHeader.Size;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8: from byte 8.</summary>
    public uint DataOffset;

    /// <summary>12.</summary>
    public uint DataLength;

    /// <summary>16.</summary>
    public uint OutOfBandOffset;

    /// <summary>20.</summary>
    public uint OutOfBandLength;

    /// <summary>24.</summary>
    public uint OutOfBandCount;

    /// <summary>28: from byte 8.</summary>
    public uint InfoOffset;

    /// <summary>32.</summary>
    public uint InfoLength;

    /// <summary>36: zero.</summary>
    public uint VcHandle;

    /// <summary>40: zero.</summary>
    public uint Reserved;
}
