using GuestOS.Kernel.ClosureCheck.Elf;

namespace GuestOS.Kernel.ClosureCheck;

/// <summary>
/// Walks everything that the kernel's exports reach and reports what does not belong to the kernel.
/// Breadth first, so that each offender comes with a shortest chain.
/// </summary>
internal sealed class ClosureWalk
{
    private readonly KernelNames _names;
    private readonly HashSet<string> _stubs;
    private readonly SymbolMap _map;
    private readonly CodeScanner _scanner;
    private readonly Dictionary<SymbolMap.Item, SymbolMap.Item?> _reachedFrom = [];
    private readonly Dictionary<SymbolMap.Item, string> _rootNames = [];
    private readonly Queue<SymbolMap.Item> _open = new();
    private readonly List<Violation> _violations = [];
    private readonly HashSet<(SymbolMap.Item, string)> _reported = [];

    /// <summary>Prepares a walk.</summary>
    /// <param name="elf">The compiler's object.</param>
    /// <param name="names">What belongs to the kernel.</param>
    /// <param name="stubs">Undefined symbols that the kernel may use: what the assembly stubs define, the stack cookie.</param>
    public ClosureWalk(ElfObject elf, KernelNames names, IEnumerable<string> stubs)
    {
        _names = names;
        _stubs = [.. stubs];
        _map = new SymbolMap(elf);
        _scanner = new CodeScanner(elf, _map);
    }

    /// <summary>Methods reached.</summary>
    public int MethodCount { get; private set; }

    /// <summary>Exports that the walk began with.</summary>
    public int RootCount => _rootNames.Count;

    /// <summary>The ways out that were found.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>
    /// Adds every method of the kernel that has a second, plain name: the exports. Names in <paramref name="wanted"/> are exports as well
    /// (what the stubs call), whoever defines them.
    /// </summary>
    public void AddExports(IEnumerable<string> wanted)
    {
        HashSet<string> called = [.. wanted];
        foreach (SymbolMap.Item item in _map.Items)
        {
            if (!item.Section.IsCode)
                continue;
            string? name = item.Names.FirstOrDefault(called.Contains);
            if (name is null && item.Names.Any(_names.IsMethod))
                name = item.Names.FirstOrDefault(candidate => !_names.IsMethod(candidate));
            if (name is null || !_reachedFrom.TryAdd(item, null))
                continue;
            if (item.Names.Any(_names.IsMethod))
            {
                _rootNames.Add(item, name);
                _open.Enqueue(item);
            }
            else
            {
                _violations.Add(new Violation([name], 0, "an assembly stub calls a method outside the kernel's assembly"));
            }
        }
    }

    /// <summary>Walks to the end.</summary>
    public void Run()
    {
        while (_open.TryDequeue(out SymbolMap.Item? item))
        {
            if (item.Section.IsCode)
                MethodCount++;
            foreach (Reference reference in _scanner.Scan(item))
                Follow(item, reference);
        }
    }

    private void Follow(SymbolMap.Item from, Reference reference)
    {
        string? reason = Judge(reference);
        if (reason is null)
        {
            if (reference.Item is { } item && _reachedFrom.TryAdd(item, from))
                _open.Enqueue(item);
            return;
        }

        if (_reported.Add((from, reference.Name)))
            _violations.Add(new Violation([.. Chain(from), _names.Shorten(reference.Name)], reference.At, reason));
    }

    private string? Judge(Reference reference)
    {
        if (reference.Item is not { } item)
            return _stubs.Contains(reference.Name) ? null : "neither the kernel's nor an assembly stub";
        if (item.Section.IsCode)
            return item.Names.Any(_names.IsMethod) ? null : "a method outside the kernel's assembly";
        if (item.Section.IsReadOnlyData)
            return null;
        if (!item.Names.Any(_names.IsStatics))
            return $"data of the runtime in {item.Section.Name}";
        return item.Section.IsZeroedData ? null : $"statics with an initialiser, in {item.Section.Name}: they are not there before the runtime starts";
    }

    private Stack<string> Chain(SymbolMap.Item end)
    {
        var chain = new Stack<string>();
        for (SymbolMap.Item? item = end; item is not null; item = _reachedFrom[item])
            chain.Push(_rootNames.TryGetValue(item, out string? root) ? root : _names.Shorten(item.Names.FirstOrDefault(_names.IsMethod) ?? item.Names[0]));
        return chain;
    }
}
