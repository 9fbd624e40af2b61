using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>HOT_ADD_REQUEST with a region, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HotAddRegionRequest
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: the memory that is there.</summary>
    public WirePageRange Range;

    /// <summary>16: where more will be; zero when there is no region.</summary>
    public WirePageRange Region;
}
