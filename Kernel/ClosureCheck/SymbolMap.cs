using GuestOS.Kernel.ClosureCheck.Elf;

namespace GuestOS.Kernel.ClosureCheck;

/// <summary>Which item, with all its names, covers a position of a section.</summary>
internal sealed class SymbolMap
{
    private readonly Dictionary<int, Item[]> _items;

    /// <summary>Indexes the defined symbols of an object.</summary>
    public SymbolMap(ElfObject elf)
    {
        _items = elf.Symbols
            .Where(symbol => symbol.IsDefined)
            .GroupBy(symbol => symbol.Section)
            .ToDictionary(group => group.Key, group => BuildItems(elf.Sections[group.Key], group));
    }

    /// <summary>All items.</summary>
    public IEnumerable<Item> Items => _items.Values.SelectMany(items => items);

    /// <summary>The item that covers a position, or null.</summary>
    public Item? Find(int section, ulong offset)
    {
        if (!_items.TryGetValue(section, out Item[]? items))
            return null;
        int low = 0;
        int high = items.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (items[middle].Start <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && (offset < items[low - 1].End || offset == items[low - 1].Start) ? items[low - 1] : null;
    }

    // A symbol without a size reaches to the next one.
    private static Item[] BuildItems(ElfSection section, IEnumerable<ElfSymbol> symbols)
    {
        var byPosition = symbols.GroupBy(symbol => symbol.Value).OrderBy(group => group.Key).ToArray();
        var items = new Item[byPosition.Length];
        for (int i = 0; i < items.Length; i++)
        {
            ulong start = byPosition[i].Key;
            ulong next = i + 1 < items.Length ? byPosition[i + 1].Key : section.Size;
            ulong size = byPosition[i].Max(symbol => symbol.Size);
            items[i] = new Item(section, start, size == 0 ? next : start + size, [.. byPosition[i].Select(symbol => symbol.Name)]);
        }

        return items;
    }

    /// <summary>A method or a piece of data.</summary>
    /// <param name="Section">Where it lies.</param>
    /// <param name="Start">First byte.</param>
    /// <param name="End">One past the last byte.</param>
    /// <param name="Names">All symbols at its start.</param>
    public sealed record Item(ElfSection Section, ulong Start, ulong End, string[] Names);
}
