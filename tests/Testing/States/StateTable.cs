namespace GuestOS.Testing.States;

/// <summary>The changes that a state may make, and those that were seen. Any thread.</summary>
public sealed class StateTable
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string From, string To)> _allowed = [];
    private readonly HashSet<(string From, string To)> _seen = [];

    /// <param name="table">A line for each state: <c>From: To, To</c>.</param>
    public StateTable(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        const StringSplitOptions clean = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var line in table.Split('\n', clean))
        {
            var parts = line.Split(':', clean);
            foreach (var to in parts[1].Split(',', clean))
                _allowed.Add((parts[0], to));
        }
    }

    /// <summary>The changes that are in the table.</summary>
    public int Count => _allowed.Count;

    /// <summary>Every change of the table was seen, and no other.</summary>
    public bool IsProved => Never().Count == 0 && Strange().Count == 0;

    /// <summary>A change that was seen.</summary>
    public void Add(string from, string to)
    {
        lock (_gate)
            _seen.Add((from, to));
    }

    /// <summary>Changes of the table that were not seen.</summary>
    public IReadOnlyList<string> Never() => Without(_allowed, _seen);

    /// <summary>Changes that were seen and are not in the table.</summary>
    public IReadOnlyList<string> Strange() => Without(_seen, _allowed);

    private List<string> Without(IEnumerable<(string From, string To)> all, HashSet<(string From, string To)> others)
    {
        lock (_gate)
            return [.. all.Where(one => !others.Contains(one)).Select(one => $"{one.From} -> {one.To}").Order(StringComparer.Ordinal)];
    }
}
