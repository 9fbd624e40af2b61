namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>A set of pages, kept as disjoint ranges that do not touch.</summary>
public sealed class PageRangeSet
{
    private readonly SortedList<ulong, ulong> _ranges = [];

    /// <summary>Pages.</summary>
    public ulong Count { get; private set; }

    /// <summary>The ranges, lowest first.</summary>
    public IReadOnlyList<PageRange> Ranges => [.. _ranges.Select(static range => new PageRange(range.Key, range.Value))];

    /// <summary>Adds a range. False, with nothing added, when a page of it is there already.</summary>
    public bool TryAdd(PageRange range)
    {
        if (range.Count == 0)
            return true;
        var next = IndexAtOrAfter(range.First);
        if (next < _ranges.Count && _ranges.Keys[next] < range.End)
            return false;
        var (first, count) = (range.First, range.Count);
        if (next > 0)
        {
            var before = new PageRange(_ranges.Keys[next - 1], _ranges.Values[next - 1]);
            if (before.End > first)
                return false;
            if (before.End == first)
            {
                (first, count) = (before.First, before.Count + count);
                _ranges.RemoveAt(--next);
            }
        }

        if (next < _ranges.Count && _ranges.Keys[next] == range.End)
        {
            count += _ranges.Values[next];
            _ranges.RemoveAt(next);
        }

        _ranges.Add(first, count);
        Count += range.Count;
        return true;
    }

    /// <summary>Takes up to <paramref name="pages"/> pages out, lowest first.</summary>
    /// <param name="pages">Pages.</param>
    /// <param name="longest">Pages in one range at most.</param>
    public IReadOnlyList<PageRange> Take(ulong pages, ulong longest = PageRange.MostPages)
    {
        var taken = new List<PageRange>();
        while (pages > 0 && _ranges.Count > 0)
        {
            var whole = new PageRange(_ranges.Keys[0], _ranges.Values[0]);
            var piece = whole with { Count = Math.Min(Math.Min(whole.Count, pages), longest) };
            _ranges.RemoveAt(0);
            if (piece.Count < whole.Count)
                _ranges.Add(piece.End, whole.Count - piece.Count);
            Count -= piece.Count;
            pages -= piece.Count;
            taken.Add(piece);
        }

        return taken;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _ranges.Clear();
        Count = 0;
    }

    private int IndexAtOrAfter(ulong first)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges.Keys[middle] < first)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
