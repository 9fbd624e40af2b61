using System.Globalization;

namespace GuestOS.Machine.Memory;

/// <summary>Neighbouring pages of 4096 bytes of guest-physical memory.</summary>
/// <param name="First">Number of the first page: its guest-physical address divided by 4096.</param>
/// <param name="Count">How many.</param>
public readonly record struct PageRange(ulong First, ulong Count)
{
    /// <summary>Bytes of a page, whatever size the processor's pages have.</summary>
    public const int PageSize = 4096;

    /// <summary>Number of the page after the last one. Does not wrap for ranges that <see cref="IsValid"/> accepts.</summary>
    public ulong End => First + Count;

    /// <summary>It has pages, and its addresses are below 2^64.</summary>
    public bool IsValid => Count != 0 && First <= ulong.MaxValue / PageSize && Count <= (ulong.MaxValue / PageSize) - First + 1;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} pages from 0x{First:x}");
}
