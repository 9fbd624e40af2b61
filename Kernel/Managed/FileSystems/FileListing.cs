using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Kernel.FileSystems;

/// <summary>The entries of a directory, in the medium's order, and by name.</summary>
public sealed class FileListing
{
    private readonly Dictionary<string, FileNode> _byName = new(StringComparer.Ordinal);

    /// <summary>Takes the entries; of equal names the first counts.</summary>
    public FileListing(IReadOnlyList<FileNode> nodes)
    {
        Nodes = nodes;
        foreach (FileNode node in nodes)
            _byName.TryAdd(node.Name, node);
    }

    /// <summary>The entries.</summary>
    public IReadOnlyList<FileNode> Nodes { get; }

    /// <summary>Finds an entry by its exact name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out FileNode? node) => _byName.TryGetValue(name, out node);
}
