using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>UNBALLOON_REQUEST, 16 bytes, then the ranges.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UnballoonRequest
{
    /// <summary>Bytes before the ranges.</summary>
    public const int Size = 16;

    /// <summary>Bit of <see cref="Flags"/>: another part follows; only the last one is answered.</summary>
    public const uint More = 1;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public uint Flags;

    /// <summary>12.</summary>
    public uint RangeCount;
}
