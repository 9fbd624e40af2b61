using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>MODIFYCHANNEL, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ModifyChannel
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public VpIndex TargetVp;
}
