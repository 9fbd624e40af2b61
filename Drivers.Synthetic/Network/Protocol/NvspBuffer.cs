using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_RECV_BUFFER and SEND_SEND_BUFFER, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspBuffer
{
    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public GpadlId Gpadl;

    /// <summary>8.</summary>
    public ushort Id;

    /// <summary>10: zero.</summary>
    public ushort Reserved;
}
