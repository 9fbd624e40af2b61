using GuestOS.Machine.Memory;

namespace GuestOS.Sandbox.Memory;

/// <summary>A machine's memory that a host takes from and adds to, without content: who has which page.</summary>
public sealed class SimulatedDynamicMemory : IDynamicMemory
{
    private readonly PageRangeSet _free = new();
    private readonly PageRangeSet _taken = new();
    private readonly PageRangeSet _known = new();
    private readonly List<PageRange> _wasted = [];
    private ulong _added;
    private readonly ulong _used;

    /// <param name="pages">Usable memory at the start.</param>
    /// <param name="holes">Ranges of these that programs use for good, so that what is free is in pieces.</param>
    public SimulatedDynamicMemory(ulong pages, params IReadOnlyList<PageRange> holes)
    {
        var all = new PageRange(256, pages);
        _free.Add(all);
        _known.Add(all);
        foreach (PageRange hole in holes)
        {
            _free.Remove(hole);
            _used += hole.Count;
        }
    }

    /// <summary>Pages that can be taken and added with one call.</summary>
    public ulong Piece { get; set; } = 1 << 18;

    /// <inheritdoc/>
    public ulong AddAlignment { get; set; } = 512;

    /// <summary>End of what can be added, in pages.</summary>
    public ulong Limit { get; set; } = (512UL << 30) / PageRange.PageSize;

    /// <summary>There is no memory for the tables of more memory.</summary>
    public bool HasNoTables { get; set; }

    /// <summary>Pages that programs hold without need, until <see cref="Compact"/>.</summary>
    public ulong Waste { get; private set; }

    /// <summary>What the host has.</summary>
    public PageRangeSet Taken => _taken;

    /// <summary>What is free.</summary>
    public PageRangeSet Free => _free;

    /// <summary>How often the heaps were compacted, and how often they were fitted to the memory.</summary>
    public int Compactions { get; private set; }

    /// <summary>See <see cref="Compactions"/>.</summary>
    public int Settlements { get; private set; }

    /// <summary>Programs take free pages that they do not really need.</summary>
    public void WasteFree(ulong pages)
    {
        PageRange range = _free.Ranges.First(candidate => candidate.Count >= pages);
        var wasted = new PageRange(range.First, pages);
        _free.Remove(wasted);
        _wasted.Add(wasted);
        Waste += pages;
    }

    /// <inheritdoc/>
    public DynamicMemoryFigures Read() => new()
    {
        Total = _known.Count,
        Free = _free.Count,
        Taken = _taken.Count,
        Added = _added,
        Committed = _used + Waste,
    };

    /// <inheritdoc/>
    public int Take(ulong pages, ulong keepFree, Span<PageRange> ranges)
    {
        ulong left = Math.Min(Math.Min(pages, Piece), _free.Count > keepFree ? _free.Count - keepFree : 0);
        int count = 0;
        while (left != 0 && count < ranges.Length)
        {
            PageRange longest = _free.Ranges.MaxBy(range => range.Count);
            ulong part = Math.Min(longest.Count, left);
            var range = new PageRange(longest.End - part, part);
            _free.Remove(range);
            _taken.Add(range);
            ranges[count++] = range;
            left -= part;
        }

        return count;
    }

    /// <inheritdoc/>
    public ulong Give(PageRange range)
    {
        if (!range.IsValid || !_taken.ContainsAll(range))
            return 0;
        _taken.Remove(range);
        _free.Add(range);
        return range.Count;
    }

    /// <inheritdoc/>
    public MemoryAddition Add(PageRange range, out ulong added)
    {
        added = 0;
        var aligned = new PageRange(range.First, range.Count - (range.Count % AddAlignment));
        if (!range.IsValid || range.First % AddAlignment != 0 || aligned.End > Limit || aligned.Count == 0 || _known.ContainsAny(aligned))
            return MemoryAddition.Refused;
        if (HasNoTables)
            return MemoryAddition.NotNow;
        _known.Add(aligned);
        _free.Add(aligned);
        _added += aligned.Count;
        added = aligned.Count;
        return added == range.Count ? MemoryAddition.Added : MemoryAddition.Refused;
    }

    /// <inheritdoc/>
    public void Compact()
    {
        Compactions++;
        foreach (PageRange range in _wasted)
            _free.Add(range);
        _wasted.Clear();
        Waste = 0;
    }

    /// <inheritdoc/>
    public void Settle() => Settlements++;
}
