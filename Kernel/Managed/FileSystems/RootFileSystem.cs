using System.Collections.Concurrent;

namespace GuestOS.Kernel.FileSystems;

/// <summary>The root of all paths: a directory that holds the mount points.</summary>
internal sealed class RootFileSystem : IFileSystem
{
    private readonly ConcurrentDictionary<string, FileNode> _names = new(StringComparer.Ordinal);
    private long _lastInode = 1;

    public string Format => "root";

    public string Label => "";

    public FileNode Root { get; } = new() { Name = "", Kind = FileNodeKind.Directory };

    /// <summary>Adds an empty directory to mount on.</summary>
    public FileNode AddDirectory(string name) => _names.GetOrAdd(name, key => new FileNode
    {
        Name = key,
        Kind = FileNodeKind.Directory,
        Inode = (ulong)Interlocked.Increment(ref _lastInode),
    });

    public ValueTask<FileResult<FileListing>> ListAsync(FileNode directory, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<FileNode> nodes = directory == Root ? [.. _names.Values.OrderBy(node => node.Name, StringComparer.Ordinal)] : [];
        return new(new FileListing(nodes));
    }

    public ValueTask<FileResult<FileNode>> FindAsync(FileNode directory, string name, CancellationToken cancellationToken = default) =>
        new(directory == Root && _names.TryGetValue(name, out FileNode? node)
            ? node
            : new FileError(FileErrorKind.NotFound, $"There is no '{name}'."));

    public ValueTask<FileResult<int>> ReadAsync(FileNode file, ulong offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        new(new FileError(FileErrorKind.IsDirectory, $"'{file.Name}' is a directory."));
}
