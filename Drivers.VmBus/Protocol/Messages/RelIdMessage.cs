using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>RESCIND_CHANNELOFFER, CLOSECHANNEL, RELID_RELEASED and the response to CLOSE_RESERVED, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RelIdMessage
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;
}
