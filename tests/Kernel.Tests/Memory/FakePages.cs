using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Memory;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Kernel.Tests.Memory;

/// <summary>A low-level kernel with some memory, the bounds of its calls, and a collector whose heap takes its pages.</summary>
internal sealed class FakePages : IKernelPages, IManagedHeap
{
    public const ulong MiB = 1 << 20;
    private const ulong MostPages = (1 << 30) / 4096;
    private readonly PageRangeSet _taken = new();
    private ulong _next;

    public FakePages(ulong total)
    {
        Total = total;
        _next = total / 4096;
        Limit = total / 8 * 7;
    }

    public ulong Total { get; private set; }

    /// <summary>Bytes that the heap has committed, and of these what a compaction gives back.</summary>
    public ulong HeapBytes { get; set; }

    public ulong Garbage { get; set; }

    /// <summary>Bytes committed that nobody has touched.</summary>
    public ulong Untouched { get; set; }

    public ulong Added { get; private set; }

    public int Error { get; set; }

    public List<ulong> Limits { get; } = [];

    public int Compactions { get; private set; }

    public ulong Limit { get; private set; }

    /// <summary>Bytes that the C library has committed.</summary>
    public ulong Others { get; set; } = 3 * MiB;

    public int Measurements { get; private set; }

    public PageRangeSet Taken => _taken;

    public ulong Free => Total - (_taken.Count * 4096) - HeapBytes - Others + Untouched;

    public int Take(ulong pages, ulong keepFree, Span<PageRange> ranges)
    {
        ulong count = Math.Min(Math.Min(pages, MostPages), (Free / 4096) - keepFree);
        _next -= count;
        ranges[0] = new PageRange(_next, count);
        _taken.Add(ranges[0]);
        return count == 0 ? 0 : 1;
    }

    public bool TryGive(PageRange range)
    {
        if (range.Count > MostPages || !_taken.ContainsAll(range))
            return false;
        _taken.Remove(range);
        return true;
    }

    public int Add(PageRange range)
    {
        if (Error != 0)
            return Error;
        if (range.Count > MostPages)
            return Errno.Invalid;
        Total += range.Count * 4096;
        Added += range.Count * 4096;
        return 0;
    }

    public MemoryInfo Read() => new()
    {
        Total = Total,
        Free = Free,
        Ballooned = _taken.Count * 4096,
        HotAdded = Added,
        Committed = HeapBytes + Others,
        Promised = HeapBytes + Others,
    };

    public bool TrySetLimit(ulong bytes)
    {
        if (bytes < HeapBytes)
            return false;
        Limit = bytes;
        Limits.Add(bytes);
        return true;
    }

    public void Compact()
    {
        Compactions++;
        HeapBytes -= Garbage;
        Garbage = 0;
    }

    public ulong MeasureCommitted()
    {
        Measurements++;
        return HeapBytes;
    }
}
