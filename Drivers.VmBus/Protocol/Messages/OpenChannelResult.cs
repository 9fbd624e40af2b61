using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>OPENCHANNEL_RESULT, 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenChannelResult
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public OpenId OpenId;

    /// <summary>16: 0 is success.</summary>
    public uint Status;
}
