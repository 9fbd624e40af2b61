using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>BALLOON_REQUEST, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BalloonRequest
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: pages that the host wants.</summary>
    public uint PageCount;

    /// <summary>12: zero.</summary>
    public uint Reserved;
}
