using System.Globalization;

namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>A range of guest pages, as dynamic memory messages carry it in 64 bits: bits 39:0 the first frame, bits 63:40 the count.</summary>
/// <param name="First">First page frame number.</param>
/// <param name="Count">Pages.</param>
public readonly record struct PageRange(ulong First, ulong Count)
{
    /// <summary>Pages that one range can hold.</summary>
    public const ulong MostPages = (1UL << 24) - 1;

    /// <summary>The frame behind the last.</summary>
    public ulong End => First + Count;

    /// <summary>From the wire.</summary>
    public static PageRange Decode(ulong word) => new(word & ((1UL << 40) - 1), word >> 40);

    /// <summary>To the wire.</summary>
    public ulong Encode() => (First & ((1UL << 40) - 1)) | (Count << 40);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First:x}+{Count}");
}
