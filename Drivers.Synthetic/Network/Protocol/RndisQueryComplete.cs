using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>QUERY_CMPLT, 24 bytes; the information follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisQueryComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 24;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8.</summary>
    public uint RequestId;

    /// <summary>12.</summary>
    public RndisStatus Status;

    /// <summary>16.</summary>
    public uint InfoLength;

    /// <summary>20: from byte 8.</summary>
    public uint InfoOffset;
}
