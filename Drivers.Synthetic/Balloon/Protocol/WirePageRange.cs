using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>A range of pages, 8 bytes: bits 39:0 number of the first page, 63:40 count.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct WirePageRange
{
    /// <summary>Bytes of a range.</summary>
    public const int Size = 8;

    /// <summary>Largest number of a page.</summary>
    public const ulong LargestPage = (1UL << CountShift) - 1;

    /// <summary>Largest count.</summary>
    public const ulong LargestCount = (1UL << (64 - CountShift)) - 1;

    private const int CountShift = 40;

    private readonly ulong _value;

    /// <param name="first">Number of the first page, at most <see cref="LargestPage"/>.</param>
    /// <param name="count">At most <see cref="LargestCount"/>.</param>
    public WirePageRange(ulong first, ulong count) => _value = (first & LargestPage) | (count << CountShift);

    /// <summary>Number of the first page.</summary>
    public ulong First => _value & LargestPage;

    /// <summary>How many pages.</summary>
    public ulong Count => _value >> CountShift;
}
