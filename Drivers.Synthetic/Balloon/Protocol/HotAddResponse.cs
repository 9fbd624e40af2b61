using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>HOT_ADD_RESPONSE, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HotAddResponse
{
    /// <summary>Value of <see cref="Result"/>: not now; the host may ask again.</summary>
    public const uint NotNow = 0;

    /// <summary>Value of <see cref="Result"/>: this is the guest's answer for good.</summary>
    public const uint Done = 1;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: pages from the range's first on that are in use.</summary>
    public uint PageCount;

    /// <summary>12.</summary>
    public uint Result;
}
