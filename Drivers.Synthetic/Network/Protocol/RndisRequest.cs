using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>HALT and KEEPALIVE, and the head of every request and answer with an id, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisRequest
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8: the answer repeats it.</summary>
    public uint RequestId;
}
