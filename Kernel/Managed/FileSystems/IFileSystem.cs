namespace GuestOS.Kernel.FileSystems;

/// <summary>A mounted file system, read-only. Safe from any thread. What is on the medium is not trusted: failures are values.</summary>
internal interface IFileSystem
{
    /// <summary>Format, for people: "ISO 9660 (Rock Ridge)".</summary>
    string Format { get; }

    /// <summary>Name of the volume; empty when it has none.</summary>
    string Label { get; }

    /// <summary>The root directory.</summary>
    FileNode Root { get; }

    /// <summary>The entries of a directory, without "." and "..".</summary>
    ValueTask<FileResult<FileListing>> ListAsync(FileNode directory, CancellationToken cancellationToken = default);

    /// <summary>One entry of a directory by its exact name.</summary>
    ValueTask<FileResult<FileNode>> FindAsync(FileNode directory, string name, CancellationToken cancellationToken = default);

    /// <summary>Reads from a file; fewer bytes than asked for only at its end.</summary>
    ValueTask<FileResult<int>> ReadAsync(FileNode file, ulong offset, Memory<byte> destination, CancellationToken cancellationToken = default);
}
