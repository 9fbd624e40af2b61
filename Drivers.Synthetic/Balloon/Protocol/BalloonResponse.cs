using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>BALLOON_RESPONSE, 16 bytes, then the ranges.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BalloonResponse
{
    /// <summary>Bytes before the ranges.</summary>
    public const int Size = 16;

    /// <summary>Bit of <see cref="Ranges"/>: another response follows.</summary>
    public const uint More = 1;

    /// <summary>Place in <see cref="Ranges"/> of their count.</summary>
    public const int CountShift = 1;

    /// <summary>Ranges that fit into <see cref="BalloonHeader.LargestMessage"/>.</summary>
    public const int MostRanges = (BalloonHeader.LargestMessage - Size) / WirePageRange.Size;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: zero.</summary>
    public uint Reserved;

    /// <summary>12: <see cref="More"/>, and how many ranges follow; none means that there is nothing more to give.</summary>
    public uint Ranges;
}
