using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>MODIFYCHANNEL_RESPONSE, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ModifyChannelResponse
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12: 0 is success.</summary>
    public uint Status;
}
