using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>HOT_REMOVE_RESPONSE, 24 bytes, then the ranges.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HotRemoveResponse
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public uint Result;

    /// <summary>12.</summary>
    public uint RangeCount;

    /// <summary>16: bit 0: another response follows.</summary>
    public ulong Flags;
}
