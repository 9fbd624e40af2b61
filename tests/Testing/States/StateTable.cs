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
            foreach (var to in parts.Length > 1 ? parts[1].Split(',', clean) : [])
                _allowed.Add((parts[0], to));
        }
    }

    /// <summary>The changes that are in the table.</summary>
    public int Count => _allowed.Count;

    /// <summary>Every change of the table was seen, and no other.</summary>
    public bool IsProved => Never().Count == 0 && Strange().Count == 0;

    /// <summary>The states that the table names, on either side. Events, which follow a state after a comma, are left out.</summary>
    public IReadOnlySet<string> States => _allowed.SelectMany(one => new[] { StateOf(one.From), one.To }).ToHashSet();

    /// <summary>The changes of the table, whatever brings them about.</summary>
    public IReadOnlySet<(string From, string To)> Changes => _allowed.Select(one => (StateOf(one.From), one.To)).ToHashSet();

    /// <summary>The changes that a state may make where the code says for each pair whether it may.</summary>
    public static IReadOnlySet<(string From, string To)> ChangesOf<T>(Func<T, T, bool> canBecome)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(canBecome);
        var states = Enum.GetValues<T>();
        return (from one in states from other in states where canBecome(one, other) select (one.ToString(), other.ToString())).ToHashSet();
    }

    /// <summary>Watches a state: call what this returns after all that may have changed it.</summary>
    public Action Follow<T>(Func<T> read)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(read);
        var now = read();
        return () =>
        {
            var seen = read();
            if (!seen.Equals(now))
                Add(now.ToString(), seen.ToString());
            now = seen;
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"never: {string.Join("; ", Never())}\nnot in the table: {string.Join("; ", Strange())}";

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

    private static string StateOf(string from) => from.Split(',', 2)[0];

    private List<string> Without(IEnumerable<(string From, string To)> all, HashSet<(string From, string To)> others)
    {
        lock (_gate)
            return [.. all.Where(one => !others.Contains(one)).Select(one => $"{one.From} -> {one.To}").Order(StringComparer.Ordinal)];
    }
}
