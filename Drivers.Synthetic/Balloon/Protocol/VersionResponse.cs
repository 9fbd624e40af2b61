using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>VERSION_RESPONSE, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VersionResponse
{
    /// <summary>Bit of <see cref="Flags"/>: the version is agreed on.</summary>
    public const ulong Accepted = 1;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public ulong Flags;
}
