using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>VERSION_REQUEST, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VersionRequest
{
    /// <summary>Bit of <see cref="Flags"/>: no other version will be asked for.</summary>
    public const uint LastAttempt = 1;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public BalloonVersion Version;

    /// <summary>12.</summary>
    public uint Flags;
}
