using System.Collections.Concurrent;

namespace GuestOS.Kernel.FileSystems;

/// <summary>All mounted file systems as one tree of paths, and the walk through it. File systems are mounted on directories of the root.</summary>
internal sealed class MountTable
{
    /// <summary>Longest path and longest name in UTF-8 bytes or characters, as Linux has them (PATH_MAX, NAME_MAX).</summary>
    private const int LongestPath = 4096;
    private const int LongestName = 255;

    /// <summary>Symbolic links on one walk, as Linux has them (MAXSYMLINKS).</summary>
    private const int MostLinks = 40;

    private readonly RootFileSystem _root = new();
    private readonly ConcurrentDictionary<string, IFileSystem> _mounts = new(StringComparer.Ordinal);

    private int _lastNumber;
    private readonly ConcurrentDictionary<IFileSystem, int> _numbers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Mount points without their slash, and what is mounted there.</summary>
    public IReadOnlyDictionary<string, IFileSystem> Mounts => _mounts;

    /// <summary>Mounts a file system on a directory of the root; the name holds no slash. Replaces what was there.</summary>
    public void Mount(string name, IFileSystem fileSystem)
    {
        _root.AddDirectory(name);
        _mounts[name] = fileSystem;
    }

    /// <summary>A number that no other mounted file system has, from 1.</summary>
    public int NumberOf(IFileSystem fileSystem) => _numbers.GetOrAdd(fileSystem, _ => Interlocked.Increment(ref _lastNumber));

    /// <summary>Finds what a path names. Paths are absolute, with or without a leading slash.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLast">Whether a link at the end is followed.</param>
    /// <param name="cancellationToken">Abandons the walk.</param>
    public async ValueTask<FileResult<FilePlace>> FindAsync(string path, bool followLast = true, CancellationToken cancellationToken = default)
    {
        if (path.Length >= LongestPath)
            return TooLong();
        var walked = new Stack<FilePlace>();
        walked.Push(new FilePlace(_root, _root.Root));
        var left = new Stack<string>();
        PushParts(left, path);
        int links = 0;
        while (left.TryPop(out string? part))
        {
            if (walked.Peek().Node.Kind != FileNodeKind.Directory)
                return new FileError(FileErrorKind.NotDirectory, $"'{walked.Peek().Node.Name}' is not a directory.");
            if (part == ".")
                continue;
            if (part == "..")
            {
                if (walked.Count > 1)
                    walked.Pop();
                continue;
            }

            FileResult<FilePlace> step = await StepAsync(walked.Peek(), part, cancellationToken).ConfigureAwait(false);
            if (!step.IsSuccess)
                return step;
            if (step.Value.Node.Kind != FileNodeKind.Link || (left.Count == 0 && !followLast && !path.EndsWith('/')))
            {
                walked.Push(step.Value);
                continue;
            }

            string target = step.Value.Node.LinkTarget;
            if (++links > MostLinks)
                return new FileError(FileErrorKind.LinkLoop, "Too many symbolic links.");
            if (target.Length == 0)
                return new FileError(FileErrorKind.NotFound, $"The link '{part}' leads nowhere.");
            if (target.Length >= LongestPath || left.Count > LongestPath)
                return TooLong();
            if (target[0] == '/')
            {
                while (walked.Count > 1)
                    walked.Pop();
            }

            PushParts(left, target);
        }

        return walked.Peek().Node.Kind != FileNodeKind.Directory && path.EndsWith('/')
            ? new FileError(FileErrorKind.NotDirectory, $"'{walked.Peek().Node.Name}' is not a directory.")
            : walked.Peek();
    }

    private static FileError TooLong() => new(FileErrorKind.NameTooLong, "The path is too long.");

    private static void PushParts(Stack<string> left, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = parts.Length - 1; i >= 0; i--)
            left.Push(parts[i]);
    }

    private async ValueTask<FileResult<FilePlace>> StepAsync(FilePlace directory, string name, CancellationToken cancellationToken)
    {
        if (name.Length > LongestName)
            return new FileError(FileErrorKind.NameTooLong, "A name in the path is too long.");
        if (directory.FileSystem == _root && directory.Node == _root.Root && _mounts.TryGetValue(name, out IFileSystem? mounted))
            return new FilePlace(mounted, mounted.Root);
        FileResult<FileNode> found = await directory.FileSystem.FindAsync(directory.Node, name, cancellationToken).ConfigureAwait(false);
        return found.IsSuccess ? new FilePlace(directory.FileSystem, found.Value) : found.Error;
    }
}
