using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>QUERY and SET, 28 bytes; the information follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisQuery
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 28;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8.</summary>
    public uint RequestId;

    /// <summary>12.</summary>
    public Oid Oid;

    /// <summary>16.</summary>
    public uint InfoLength;

    /// <summary>20: from byte 8.</summary>
    public uint InfoOffset;

    /// <summary>24: zero.</summary>
    public uint DeviceVcHandle;
}
