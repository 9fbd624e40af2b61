using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_RNDIS_PACKET's completion in either direction, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspRndisPacketComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspStatus Status;
}
