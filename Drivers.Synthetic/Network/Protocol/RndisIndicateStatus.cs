using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>INDICATE_STATUS, 20 bytes. Hosts before Server 2022 do not count the buffer in the message's length.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisIndicateStatus
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 20;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8.</summary>
    public RndisStatus Status;

    /// <summary>12.</summary>
    public uint BufferLength;

    /// <summary>16: from byte 8.</summary>
    public uint BufferOffset;
}
