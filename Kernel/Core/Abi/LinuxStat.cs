using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>struct stat of Linux x86-64 (144 bytes), which fstat and newfstatat fill: the file server writes it straight into the caller's buffer.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct LinuxStat
{
    /// <summary>st_dev.</summary>
    public ulong Device;

    /// <summary>st_ino.</summary>
    public ulong Inode;

    /// <summary>st_nlink.</summary>
    public ulong Links;

    /// <summary>st_mode: type and permissions.</summary>
    public uint Mode;

    /// <summary>st_uid.</summary>
    public uint User;

    /// <summary>st_gid.</summary>
    public uint Group;

    private readonly uint _padding;

    /// <summary>st_rdev.</summary>
    public ulong SpecialDevice;

    /// <summary>st_size, bytes.</summary>
    public long Size;

    /// <summary>st_blksize: good size of a transfer.</summary>
    public long BlockSize;

    /// <summary>st_blocks, in units of 512 bytes.</summary>
    public long Blocks;

    /// <summary>st_atim, seconds since 1970.</summary>
    public long AccessSeconds;

    /// <summary>Nanoseconds of it.</summary>
    public long AccessNanoseconds;

    /// <summary>st_mtim, seconds since 1970.</summary>
    public long ModifySeconds;

    /// <summary>Nanoseconds of it.</summary>
    public long ModifyNanoseconds;

    /// <summary>st_ctim, seconds since 1970.</summary>
    public long ChangeSeconds;

    /// <summary>Nanoseconds of it.</summary>
    public long ChangeNanoseconds;

    private fixed long _reserved[3];

    /// <summary>S_IFDIR.</summary>
    public const uint Directory = 0x4000;

    /// <summary>S_IFREG.</summary>
    public const uint RegularFile = 0x8000;

    /// <summary>S_IFLNK.</summary>
    public const uint SymbolicLink = 0xA000;
}
