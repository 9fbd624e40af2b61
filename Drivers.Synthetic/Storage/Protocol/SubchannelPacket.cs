using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>CREATE_SUB_CHANNELS, the first 16 of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SubchannelPacket
{
    /// <summary>0.</summary>
    public StorageHeader Header;

    /// <summary>12: how many.</summary>
    public ushort Count;

    /// <summary>14: zero.</summary>
    public ushort Reserved;
}
