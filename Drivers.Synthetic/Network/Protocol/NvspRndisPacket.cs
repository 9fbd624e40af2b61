using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_RNDIS_PACKET, the first 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspRndisPacket
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspChannelType Channel;

    /// <summary>8: <see cref="NvspConstants.NoSection"/> when nothing is in the send buffer.</summary>
    public uint SectionIndex;

    /// <summary>12: bytes in the section.</summary>
    public uint SectionSize;
}
