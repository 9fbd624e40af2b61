using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Where <see cref="DmaMemory"/> gets pages and translations.</summary>
internal interface IDmaBackend
{
    /// <summary>Zeroed, contiguous pages; 0 when there are none. The address is also where the pages can be dereferenced.</summary>
    nuint Allocate(int length, in DmaConstraints constraints);

    void Free(nuint address, int length);

    /// <summary>Describes pinned memory by contiguous pieces; false when there are more than the span holds.</summary>
    bool TryTranslate(nuint address, int length, Span<Segment> segments, out int count);
}
