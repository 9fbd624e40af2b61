namespace GuestOS.Kernel.FileSystems;

/// <summary>What a name in a file system stands for.</summary>
public enum FileNodeKind
{
    /// <summary>Bytes.</summary>
    File,

    /// <summary>Names.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>A file, directory or link, as its file system found it. A file system derives its own kind, which knows where the content is.</summary>
public record FileNode
{
    /// <summary>Name in its directory; empty for a root.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required FileNodeKind Kind { get; init; }

    /// <summary>Size of a file in bytes.</summary>
    public ulong Size { get; init; }

    /// <summary>Last change.</summary>
    public DateTimeOffset Modified { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Number that no other node of the file system has; never 0.</summary>
    public ulong Inode { get; init; } = 1;

    /// <summary>Permission bits of Unix.</summary>
    public uint Permissions { get; init; } = 0x16D; // 0555

    /// <summary>Where a link leads.</summary>
    public string LinkTarget { get; init; } = "";
}
