using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_NDIS_VERSION, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspNdisVersion
{
    /// <summary>Major number.</summary>
    public const uint Ndis6 = 6;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public uint Major;

    /// <summary>8.</summary>
    public uint Minor;
}
