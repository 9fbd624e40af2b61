using GuestOS.Machine.Memory;

namespace GuestOS.Sandbox.Memory;

/// <summary>A set of pages, kept as the longest possible ranges in order.</summary>
public sealed class PageRangeSet
{
    private readonly List<PageRange> _ranges = [];

    /// <summary>How many pages.</summary>
    public ulong Count { get; private set; }

    /// <summary>The ranges in order; no two touch.</summary>
    public IReadOnlyList<PageRange> Ranges => _ranges;

    /// <summary>Whether every page of a range is in the set.</summary>
    public bool ContainsAll(PageRange range)
    {
        int index = IndexAfter(range.First);
        return range.Count == 0 || (index > 0 && _ranges[index - 1].End >= range.End);
    }

    /// <summary>Whether any page of a range is in the set.</summary>
    public bool ContainsAny(PageRange range)
    {
        int index = IndexAfter(range.First);
        return range.Count != 0
            && ((index > 0 && _ranges[index - 1].End > range.First) || (index < _ranges.Count && _ranges[index].First < range.End));
    }

    /// <summary>Adds pages, none of which is in the set yet.</summary>
    /// <exception cref="ArgumentException">One is.</exception>
    public void Add(PageRange range)
    {
        if (range.Count == 0)
            return;
        if (ContainsAny(range))
            throw new ArgumentException($"Some of {range} is in the set already.", nameof(range));
        int index = IndexAfter(range.First);
        Count += range.Count;
        if (index < _ranges.Count && _ranges[index].First == range.End)
        {
            range = new PageRange(range.First, range.Count + _ranges[index].Count);
            _ranges.RemoveAt(index);
        }

        if (index > 0 && _ranges[index - 1].End == range.First)
            _ranges[index - 1] = new PageRange(_ranges[index - 1].First, _ranges[index - 1].Count + range.Count);
        else
            _ranges.Insert(index, range);
    }

    /// <summary>Removes pages, all of which are in the set.</summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    public void Remove(PageRange range)
    {
        if (range.Count == 0)
            return;
        if (!ContainsAll(range))
            throw new ArgumentException($"Not all of {range} is in the set.", nameof(range));
        int index = IndexAfter(range.First) - 1;
        PageRange whole = _ranges[index];
        _ranges.RemoveAt(index);
        if (whole.End > range.End)
            _ranges.Insert(index, new PageRange(range.End, whole.End - range.End));
        if (whole.First < range.First)
            _ranges.Insert(index, new PageRange(whole.First, range.First - whole.First));
        Count -= range.Count;
    }

    /// <summary>Removes up to <paramref name="pages"/> pages, lowest first.</summary>
    /// <param name="pages">Pages.</param>
    /// <param name="longest">Pages in one range at most, above 0.</param>
    /// <returns>What was removed, in order.</returns>
    public IReadOnlyList<PageRange> Take(ulong pages, ulong longest)
    {
        var taken = new List<PageRange>();
        while (pages > 0 && _ranges is [var lowest, ..])
        {
            var piece = new PageRange(lowest.First, Math.Min(Math.Min(lowest.Count, pages), longest));
            Remove(piece);
            pages -= piece.Count;
            taken.Add(piece);
        }

        return taken;
    }

    /// <summary>Removes all pages.</summary>
    public void Clear()
    {
        _ranges.Clear();
        Count = 0;
    }

    /// <summary>Index of the first range that begins after a page.</summary>
    private int IndexAfter(ulong page)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].First <= page)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
