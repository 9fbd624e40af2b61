using System.Globalization;

namespace GuestOS.Coverage;

/// <summary>The lines of one file that hold code, and which of them ran.</summary>
internal sealed class LineSet
{
    private readonly SortedDictionary<int, bool> _lines = [];

    public int Count => _lines.Count;

    public int Covered => _lines.Values.Count(ran => ran);

    /// <summary>Adds what one run of tests saw of a line; it ran when it ran in any.</summary>
    public void Add(int line, bool ran) => _lines[line] = ran || (_lines.TryGetValue(line, out var before) && before);

    /// <summary>Lines that never ran, neighbours among the lines that hold code as one range: "12-15, 20".</summary>
    public string Missed()
    {
        List<string> ranges = [];
        int? first = null;
        var last = 0;
        foreach (var (line, ran) in _lines)
        {
            if (ran)
            {
                Close();
                continue;
            }

            first ??= line;
            last = line;
        }

        Close();
        return string.Join(", ", ranges);

        void Close()
        {
            if (first is { } start)
                ranges.Add(start == last ? start.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{start}-{last}"));
            first = null;
        }
    }
}
