using GuestOS.Machine.Memory;

namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>A range of guest pages as dynamic memory messages carry it, in 64 bits: bits 39:0 the first page, bits 63:40 the count.</summary>
public static class RangeWord
{
    /// <summary>Pages that one range can hold.</summary>
    public const ulong MostPages = (1UL << 24) - 1;

    /// <summary>From the wire.</summary>
    public static PageRange Decode(ulong word) => new(word & ((1UL << 40) - 1), word >> 40);

    /// <summary>To the wire.</summary>
    public static ulong Encode(PageRange range) => (range.First & ((1UL << 40) - 1)) | (range.Count << 40);
}
