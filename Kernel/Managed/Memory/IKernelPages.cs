using GuestOS.Kernel.Core;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Memory;

/// <summary>The low-level kernel's allocator, as far as pages go out of use, come back and are added. Each call is bounded.</summary>
internal interface IKernelPages
{
    /// <summary>Takes free pages out of use; returns how many ranges were filled in.</summary>
    int Take(ulong pages, ulong keepFree, Span<PageRange> ranges);

    /// <summary>Puts at most 1 GiB into use again; false when any of its pages was not taken.</summary>
    bool TryGive(PageRange range);

    /// <summary>Adds at most 1 GiB; 0 or a positive errno.</summary>
    int Add(PageRange range);

    MemoryInfo Read();
}
