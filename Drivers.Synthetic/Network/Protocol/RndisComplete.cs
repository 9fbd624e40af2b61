using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SET_CMPLT and KEEPALIVE_CMPLT, and the head of every answer but RESET_CMPLT, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8: of the request.</summary>
    public uint RequestId;

    /// <summary>12.</summary>
    public RndisStatus Status;
}
