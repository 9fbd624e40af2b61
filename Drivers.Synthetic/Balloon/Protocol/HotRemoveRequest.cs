using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>HOT_REMOVE_REQUEST, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HotRemoveRequest
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public uint Node;

    /// <summary>12.</summary>
    public uint PageCount;

    /// <summary>16: 1 large pages, 2 local ones.</summary>
    public uint Quality;

    /// <summary>20: zero.</summary>
    public uint Reserved;
}
