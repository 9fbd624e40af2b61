using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_NDIS_CONFIG, the first 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct NvspNdisConfig
{
    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4: bytes of a frame, the header of 14 included.</summary>
    public uint Mtu;

    /// <summary>8: zero.</summary>
    public uint Reserved;

    /// <summary>12.</summary>
    public NdisCapabilities Capabilities;
}
