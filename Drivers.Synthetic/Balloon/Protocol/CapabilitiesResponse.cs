using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>CAPABILITIES_RESPONSE, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CapabilitiesResponse
{
    /// <summary>Bit of <see cref="Flags"/>: the capabilities are agreed on.</summary>
    public const ulong Accepted = 1;

    /// <summary>Bit of <see cref="Flags"/>: the host can ask for hot remove.</summary>
    public const ulong HotRemove = 2;

    /// <summary>Bit of <see cref="Flags"/>: the host wants no status reports.</summary>
    public const ulong SuppressPressureReports = 4;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public ulong Flags;
}
