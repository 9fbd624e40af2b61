using System.Globalization;

namespace GuestOS.Kernel.Hardware;

/// <summary>Linux error numbers that cross the kernel's own interface (Linux include/uapi/asm-generic/errno-base.h, errno.h).</summary>
public static class Errno
{
    /// <summary>No such file or directory.</summary>
    public const int NoEntry = 2;

    /// <summary>Input/output error.</summary>
    public const int IoError = 5;

    /// <summary>Argument list, or result, too long.</summary>
    public const int TooBig = 7;

    /// <summary>Bad file handle.</summary>
    public const int BadHandle = 9;

    /// <summary>Out of memory.</summary>
    public const int NoMemory = 12;

    /// <summary>Permission denied.</summary>
    public const int AccessDenied = 13;

    /// <summary>Not a directory.</summary>
    public const int NotDirectory = 20;

    /// <summary>Is a directory.</summary>
    public const int IsDirectory = 21;

    /// <summary>Invalid argument.</summary>
    public const int Invalid = 22;

    /// <summary>Too many open files.</summary>
    public const int TooManyOpen = 24;

    /// <summary>Read-only file system.</summary>
    public const int ReadOnlyFileSystem = 30;

    /// <summary>File name too long.</summary>
    public const int NameTooLong = 36;

    /// <summary>Function not implemented.</summary>
    public const int NotImplemented = 38;

    /// <summary>Too many levels of symbolic links.</summary>
    public const int LinkLoop = 40;

    /// <summary>Operation cancelled.</summary>
    public const int Cancelled = 125;

    /// <summary>The number's name, for messages.</summary>
    public static string Name(int errno) => errno switch
    {
        NoEntry => "ENOENT",
        IoError => "EIO",
        TooBig => "E2BIG",
        BadHandle => "EBADF",
        NoMemory => "ENOMEM",
        AccessDenied => "EACCES",
        NotDirectory => "ENOTDIR",
        IsDirectory => "EISDIR",
        Invalid => "EINVAL",
        TooManyOpen => "EMFILE",
        ReadOnlyFileSystem => "EROFS",
        NameTooLong => "ENAMETOOLONG",
        NotImplemented => "ENOSYS",
        LinkLoop => "ELOOP",
        Cancelled => "ECANCELED",
        _ => "errno " + errno.ToString(CultureInfo.InvariantCulture),
    };
}
