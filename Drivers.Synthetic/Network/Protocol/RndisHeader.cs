using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Head of every RNDIS message, 8 bytes. Offsets inside of a message count from its end.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>0.</summary>
    public RndisMessageType Type;

    /// <summary>4: bytes of the whole message.</summary>
    public uint Length;
}
