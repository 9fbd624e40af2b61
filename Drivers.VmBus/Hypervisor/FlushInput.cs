using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// Builds the input of the TLB flush calls (TLFS 9.4.6 to 9.4.9): address space, flags, processors, and for a list the pages, each
/// entry a page-aligned address with the number of further pages in bits 11:0.
/// </summary>
public static class FlushInput
{
    /// <summary>Pages that one list entry covers at most.</summary>
    public const int PagesPerEntry = 4096;

    private const int Head = 2 * sizeof(ulong);

    /// <summary>A flush of everything.</summary>
    /// <param name="block">Receives the input.</param>
    /// <param name="space">CR3 of the address space; ignored with <see cref="FlushFlags.AllSpaces"/>.</param>
    /// <param name="flags">What, and whether on all processors.</param>
    /// <param name="processors">Where, unless on all; null with <see cref="FlushFlags.AllProcessors"/>.</param>
    /// <param name="control">The call.</param>
    /// <returns>Bytes of input.</returns>
    public static int Build(Span<byte> block, ulong space, FlushFlags flags, ProcessorSet? processors, out CallControl control) =>
        Build(block, space, flags, processors, default, out control);

    /// <summary>A flush of some pages.</summary>
    /// <param name="block">Receives the input.</param>
    /// <param name="space">CR3 of the address space; ignored with <see cref="FlushFlags.AllSpaces"/>.</param>
    /// <param name="flags">What, and whether on all processors.</param>
    /// <param name="processors">Where, unless on all; null with <see cref="FlushFlags.AllProcessors"/>.</param>
    /// <param name="entries">From <see cref="Entry"/>; empty flushes everything.</param>
    /// <param name="control">The call.</param>
    /// <returns>Bytes of input.</returns>
    public static int Build(
        Span<byte> block, ulong space, FlushFlags flags, ProcessorSet? processors, ReadOnlySpan<ulong> entries, out CallControl control)
    {
        if (processors is null && (flags & FlushFlags.AllProcessors) == 0)
            throw new ArgumentNullException(nameof(processors));
        var words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = space;
        words[1] = (ulong)flags;
        int length;
        var header8 = 0;
        CallCode code;
        if (processors is { NeedsExtendedForm: true })
        {
            code = entries.IsEmpty ? CallCode.FlushSpaceEx : CallCode.FlushListEx;
            var set = processors.WriteSparse(block[Head..]);
            length = Head + set;
            // The variable header is what of the set goes beyond its fixed 16 bytes.
            header8 = (set - Head) / sizeof(ulong);
        }
        else
        {
            code = entries.IsEmpty ? CallCode.FlushSpace : CallCode.FlushList;
            words[2] = processors?.Mask ?? 0;
            length = Head + sizeof(ulong);
        }

        entries.CopyTo(words[(length / sizeof(ulong))..]);
        control = CallControl.Slow(code, header8, entries.Length);
        return length + (entries.Length * sizeof(ulong));
    }

    /// <summary>One list entry.</summary>
    /// <param name="address">Page-aligned.</param>
    /// <param name="pages">1 to <see cref="PagesPerEntry"/>.</param>
    public static ulong Entry(ulong address, int pages)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(address % 4096, 0UL);
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, PagesPerEntry);
        return address | (uint)(pages - 1);
    }
}
