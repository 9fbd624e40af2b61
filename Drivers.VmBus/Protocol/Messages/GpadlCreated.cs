using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>GPADL_CREATED, 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpadlCreated
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public GpadlId Gpadl;

    /// <summary>16: 0 is success.</summary>
    public uint Status;
}
