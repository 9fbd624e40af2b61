using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>GPADL_TEARDOWN, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpadlTeardown
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public GpadlId Gpadl;
}
