using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>STATUS_REPORT, 48 bytes. All in pages.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatusReport
{
    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public ulong Available;

    /// <summary>16: what the guest has promised, ballooned pages and its floor included; the host computes the pressure from it.</summary>
    public ulong Committed;

    /// <summary>24.</summary>
    public ulong PageFileSize;

    /// <summary>32.</summary>
    public ulong ZeroAndFree;

    /// <summary>40.</summary>
    public uint PageFileWrites;

    /// <summary>44.</summary>
    public uint IoDifference;
}
