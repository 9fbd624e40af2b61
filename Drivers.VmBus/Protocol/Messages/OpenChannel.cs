using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>OPENCHANNEL, 148 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenChannel
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12: echoed.</summary>
    public OpenId OpenId;

    /// <summary>16: the ring pair.</summary>
    public GpadlId RingGpadl;

    /// <summary>20.</summary>
    public VpIndex TargetVp;

    /// <summary>24: page of the GPADL at which the host-to-guest ring starts.</summary>
    public uint DownstreamPage;

    /// <summary>28: for the service.</summary>
    public UserData UserData;
}
