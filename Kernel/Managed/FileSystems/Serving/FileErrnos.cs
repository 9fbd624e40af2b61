using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.FileSystems.Serving;

/// <summary>Errors of file systems as Linux error numbers.</summary>
internal static class FileErrnos
{
    public static int Of(FileErrorKind kind) => kind switch
    {
        FileErrorKind.NotFound => Errno.NoEntry,
        FileErrorKind.NotDirectory => Errno.NotDirectory,
        FileErrorKind.IsDirectory => Errno.IsDirectory,
        FileErrorKind.NotLink => Errno.Invalid,
        FileErrorKind.LinkLoop => Errno.LinkLoop,
        FileErrorKind.NameTooLong => Errno.NameTooLong,
        FileErrorKind.ReadOnly => Errno.ReadOnlyFileSystem,
        _ => Errno.IoError,
    };
}
