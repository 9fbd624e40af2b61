using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>CAPABILITIES_REPORT, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CapabilitiesReport
{
    /// <summary>Bit of <see cref="Capabilities"/>: the guest gives pages.</summary>
    public const ulong Balloon = 1;

    /// <summary>Bit of <see cref="Capabilities"/>: the guest takes added memory.</summary>
    public const ulong HotAdd = 2;

    /// <summary>Place in <see cref="Capabilities"/> of the alignment of added memory: n of 2^n MiB, four bits.</summary>
    public const int AlignmentShift = 2;

    /// <summary>Largest n.</summary>
    public const int LargestAlignment = 15;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8.</summary>
    public ulong Capabilities;

    /// <summary>16: pages that the guest needs; hosts do not use it.</summary>
    public ulong MinimumPages;

    /// <summary>24: highest page number that the guest can use; hosts do not use it.</summary>
    public ulong MaximumPage;
}
