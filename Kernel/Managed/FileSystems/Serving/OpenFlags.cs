namespace GuestOS.Kernel.FileSystems.Serving;

/// <summary>Flags of open (Linux include/uapi/asm-generic/fcntl.h) that matter to a read-only server.</summary>
internal static class OpenFlags
{
    /// <summary>0 read, 1 write, 2 both.</summary>
    public const uint AccessMask = 3;
    public const uint Create = 0x40;
    public const uint Truncate = 0x200;
    public const uint Directory = 0x1_0000;
    public const uint NoFollow = 0x2_0000;

    /// <summary>AT_SYMLINK_NOFOLLOW of fstatat.</summary>
    public const uint AtNoFollow = 0x100;

    /// <summary>W_OK of access.</summary>
    public const uint AccessWrite = 2;
}
