using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Memory;

/// <summary>
/// Keeps the promise that the collector's heap limit makes within the memory that there is, so that programs run out of memory with an
/// exception, never with a page fault that cannot be served.
/// The collector may grow by what lies between its committed memory and its limit. That is seven eighths of the free pages which are not
/// promised to anybody yet; the rest is for stacks, the C library and the kernel itself, as at the start (RuntimeStart).
/// </summary>
internal sealed class HeapGovernor
{
    private const ulong Share = 4 << 20;

    private readonly IManagedHeap _heap;

    public HeapGovernor(IManagedHeap heap) => _heap = heap;

    /// <summary>Lowers the limit, where that is needed, so that <paramref name="leaving"/> bytes of the free memory can go.</summary>
    /// <returns>False when the heap holds too much for that.</returns>
    public bool TryMakeRoom(in MemoryInfo memory, ulong leaving)
    {
        ulong limit = LimitFor(memory, leaving);
        return limit >= _heap.Limit || _heap.TrySetLimit(limit);
    }

    /// <summary>Follows the memory up and down; small differences are left, since each change stops all threads for a moment.</summary>
    public void Settle(in MemoryInfo memory)
    {
        ulong limit = LimitFor(memory, leaving: 0);
        ulong now = _heap.Limit;
        if (limit > now + (now / 16) || limit < now - (now / 4))
            _heap.TrySetLimit(limit);
    }

    private ulong LimitFor(in MemoryInfo memory, ulong leaving)
    {
        ulong inUse = memory.Total - memory.Free - memory.Ballooned;
        ulong promised = memory.Committed - inUse;
        ulong share = Math.Min(memory.Free / 4, Share);
        ulong spoken = promised + share + leaving;
        ulong growth = memory.Free > spoken ? (memory.Free - spoken) / 8 * 7 : 0;
        return (_heap.Committed + growth) & ~4095UL;
    }
}
