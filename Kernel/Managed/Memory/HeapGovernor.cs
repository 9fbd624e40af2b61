using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Memory;

/// <summary>
/// Keeps the promise that the collector's heap limit makes within the memory that there is, so that programs run out of memory with an
/// exception, never with a page fault that cannot be served.
/// The collector may grow by what lies between its committed memory and its limit. That is what is free and not promised to anybody yet,
/// but for an eighth of the machine's memory and 4 MiB: these are for stacks, the C library and the kernel itself, as at the start
/// (RuntimeStart), however large the heap has become.
/// The collector tells what it has committed as of its last collection only, which may be long ago. The kernel knows what is committed now,
/// by everyone; the difference, which is the C library's, changes little and is measured now and then.
/// </summary>
internal sealed class HeapGovernor
{
    private const ulong Share = 4 << 20;

    private readonly IManagedHeap _heap;
    private readonly IKernelPages _pages;
    private ulong? _others;

    public HeapGovernor(IManagedHeap heap, IKernelPages pages)
    {
        _heap = heap;
        _pages = pages;
    }

    /// <summary>Lowers the limit, where that is needed, so that <paramref name="leaving"/> bytes of the free memory can go.</summary>
    /// <returns>False when the heap holds too much for that.</returns>
    public bool TryMakeRoom(ulong leaving)
    {
        ulong limit = LimitFor(leaving);
        return limit >= _heap.Limit || _heap.TrySetLimit(limit);
    }

    /// <summary>Follows the memory up and down; small differences are left, since each change stops all threads for a moment.</summary>
    public void Settle()
    {
        ulong limit = LimitFor(leaving: 0);
        ulong now = _heap.Limit;
        if (limit > now + (now / 16) || limit < now - (now / 4))
            _heap.TrySetLimit(limit);
    }

    /// <summary>Makes the heap as small as it can be, and measures what others have.</summary>
    public void Compact()
    {
        _heap.Compact();
        Measure();
    }

    private void Measure()
    {
        ulong committed = _heap.MeasureCommitted();
        ulong promised = _pages.Read().Promised;
        _others = promised > committed ? promised - committed : 0;
    }

    private ulong LimitFor(ulong leaving)
    {
        if (_others is null)
            Measure();
        MemoryInfo memory = _pages.Read();
        ulong heap = memory.Promised > _others ? memory.Promised - _others!.Value : 0;
        ulong inUse = memory.Total - memory.Free - memory.Ballooned;
        ulong untouched = memory.Committed - inUse;
        ulong own = memory.Total - memory.Ballooned - leaving;
        ulong spoken = untouched + Math.Min(own / 4, Share) + (own / 8) + leaving;
        ulong growth = memory.Free > spoken ? memory.Free - spoken : 0;
        return (heap + growth) & ~4095UL;
    }
}
