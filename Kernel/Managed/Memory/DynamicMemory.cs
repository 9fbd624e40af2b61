using GuestOS.Kernel.Core;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Memory;

/// <summary>Dynamic memory of the machine: the low-level kernel's pages and the managed heap's limit, changed together.</summary>
internal sealed class DynamicMemory : IDynamicMemory
{
    /// <summary>2 MiB: what the kernel maps with one entry.</summary>
    private const ulong Alignment = (2 << 20) / PageRange.PageSize;

    /// <summary>What one kernel call gives or adds.</summary>
    private const ulong Piece = (1 << 30) / PageRange.PageSize;

    /// <summary>The one refusal that may pass.</summary>
    private const int NoMemory = Hardware.Errno.NoMemory;

    private readonly Lock _lock = new();
    private readonly IKernelPages _pages;
    private readonly HeapGovernor _governor;

    public DynamicMemory(IKernelPages pages, IManagedHeap heap)
    {
        _pages = pages;
        _governor = new HeapGovernor(heap, pages);
    }

    public ulong AddAlignment => Alignment;

    public DynamicMemoryFigures Read()
    {
        MemoryInfo memory = _pages.Read();
        return new DynamicMemoryFigures
        {
            Total = memory.Total / PageRange.PageSize,
            Free = memory.Free / PageRange.PageSize,
            Taken = memory.Ballooned / PageRange.PageSize,
            Added = memory.HotAdded / PageRange.PageSize,
            Committed = memory.Committed / PageRange.PageSize,
        };
    }

    public int Take(ulong pages, ulong keepFree, Span<PageRange> ranges)
    {
        lock (_lock)
        {
            ulong free = _pages.Read().Free / PageRange.PageSize;
            ulong leaving = Math.Min(pages, free > keepFree ? free - keepFree : 0);
            if (leaving == 0 || ranges.IsEmpty)
                return 0;

            // The heap's limit first: from now on the collector does not count on the pages.
            if (!_governor.TryMakeRoom(leaving * PageRange.PageSize))
            {
                _governor.Compact();
                if (!_governor.TryMakeRoom(leaving * PageRange.PageSize))
                    return 0;
            }

            return _pages.Take(leaving, keepFree, ranges);
        }
    }

    public ulong Give(PageRange range)
    {
        ulong given = 0;
        if (!range.IsValid)
            return 0;
        lock (_lock)
        {
            while (given < range.Count)
            {
                ulong count = Math.Min(range.Count - given, Piece);
                if (!_pages.TryGive(new PageRange(range.First + given, count)))
                    break;
                given += count;
            }
        }

        return given;
    }

    public MemoryAddition Add(PageRange range, out ulong added)
    {
        added = 0;
        if (!range.IsValid || range.First % Alignment != 0)
            return MemoryAddition.Refused;
        ulong wanted = range.Count - (range.Count % Alignment);
        lock (_lock)
        {
            while (added < wanted)
            {
                ulong count = Math.Min(wanted - added, Piece);
                int error = _pages.Add(new PageRange(range.First + added, count));
                if (error != 0)
                    return error == NoMemory ? MemoryAddition.NotNow : MemoryAddition.Refused;
                added += count;
            }
        }

        return added == range.Count ? MemoryAddition.Added : MemoryAddition.Refused;
    }

    public void Compact()
    {
        lock (_lock)
            _governor.Compact();
    }

    public void Settle()
    {
        lock (_lock)
            _governor.Settle();
    }
}
