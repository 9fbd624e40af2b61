using GuestOS.Kernel.Core;
using GuestOS.Kernel.Memory;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Hardware;

/// <summary>The low-level kernel's calls for memory that goes and comes.</summary>
internal sealed unsafe class KernelPages : IKernelPages
{
    /// <summary>Ranges of one call: as many as one answer of the balloon protocol holds.</summary>
    private const int MostRanges = 512;

    private readonly Segment[] _segments = new Segment[MostRanges];

    public int Take(ulong pages, ulong keepFree, Span<PageRange> ranges)
    {
        int count;
        fixed (Segment* first = _segments)
        {
            count = (int)KernelEntry.Require(
                KernelCall.MemoryTake, pages, keepFree, (ulong)first, (ulong)Math.Min(ranges.Length, MostRanges));
        }

        for (int i = 0; i < count; i++)
            ranges[i] = new PageRange(_segments[i].Address / PageRange.PageSize, _segments[i].Length / PageRange.PageSize);
        return count;
    }

    public bool TryGive(PageRange range)
    {
        Segment segment = default;
        segment.Address = range.First * PageRange.PageSize;
        segment.Length = range.Count * PageRange.PageSize;
        return KernelEntry.Call(KernelCall.MemoryGive, (ulong)&segment, 1) == 1;
    }

    public int Add(PageRange range) =>
        (int)-KernelEntry.Call(KernelCall.MemoryAdd, range.First * PageRange.PageSize, range.Count * PageRange.PageSize);

    public MemoryInfo Read()
    {
        MemoryInfo info = default;
        KernelEntry.Require(KernelCall.MemoryInfo, (ulong)&info, (ulong)sizeof(MemoryInfo));
        return info;
    }
}
