namespace GuestOS.Kernel.FileSystems;

/// <summary>Why a file operation failed.</summary>
public enum FileErrorKind
{
    /// <summary>There is no such name.</summary>
    NotFound,

    /// <summary>A part of the path is not a directory.</summary>
    NotDirectory,

    /// <summary>The name is a directory.</summary>
    IsDirectory,

    /// <summary>The name is not a symbolic link.</summary>
    NotLink,

    /// <summary>Too many symbolic links.</summary>
    LinkLoop,

    /// <summary>A name or path is too long.</summary>
    NameTooLong,

    /// <summary>The file system cannot be written.</summary>
    ReadOnly,

    /// <summary>What is on the medium is not what its format allows.</summary>
    Corrupt,

    /// <summary>The device could not read it.</summary>
    Device,
}

/// <summary>A failed file operation, as a value.</summary>
/// <param name="Kind">The class of failure.</param>
/// <param name="Message">What happened, for people.</param>
public sealed record FileError(FileErrorKind Kind, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}
