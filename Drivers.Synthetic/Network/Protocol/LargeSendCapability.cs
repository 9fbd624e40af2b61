using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Large sends of one protocol, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LargeSendCapability
{
    /// <summary>0: 2 is IEEE 802.3.</summary>
    public uint Encapsulation;

    /// <summary>4: bytes of data.</summary>
    public uint MaxSize;

    /// <summary>8.</summary>
    public uint MinSegments;
}
