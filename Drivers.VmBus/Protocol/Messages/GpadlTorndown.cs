using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>GPADL_TORNDOWN, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpadlTorndown
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public GpadlId Gpadl;
}
