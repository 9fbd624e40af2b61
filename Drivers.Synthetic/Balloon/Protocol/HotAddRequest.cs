using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>HOT_ADD_REQUEST without a region, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HotAddRequest
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: the memory.</summary>
    public WirePageRange Range;
}
