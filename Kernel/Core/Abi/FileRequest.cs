using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>What a <see cref="FileRequest"/> asks for.</summary>
public enum FileOperation : uint
{
    /// <summary>Path, Flags (open flags of Linux) → handle of the server's, 0 or above. The core keeps the file position.</summary>
    Open = 1,

    /// <summary>Handle → 0. Sent once, when the last descriptor of the open file is closed.</summary>
    Close = 2,

    /// <summary>Handle, Offset, Buffer, Length → bytes read, 0 at the end. The core turns read into this with its file position.</summary>
    Read = 3,

    /// <summary>Handle, Buffer (a <see cref="LinuxStat"/>) → 0.</summary>
    StatusOfHandle = 4,

    /// <summary>Path, Flags (AT_SYMLINK_NOFOLLOW 0x100), Buffer (a <see cref="LinuxStat"/>) → 0.</summary>
    StatusOfPath = 5,

    /// <summary>
    /// Handle, Offset (the file position), Buffer, Length → bytes of linux_dirent64 records, 0 at the end.
    /// The new file position comes as the third argument of <see cref="KernelCall.FileReply"/>.
    /// </summary>
    ReadDirectory = 6,

    /// <summary>Path, Buffer, Length → bytes of the link's target, without an ending zero.</summary>
    ReadLink = 7,

    /// <summary>Path, Flags (mode of access()) → 0 when that access is possible.</summary>
    Access = 8,

    /// <summary>Path → an error. Any call that would change what the path names: create, remove, rename, change mode or times, truncate.</summary>
    Modify = 9,
}

/// <summary>
/// A file call that the core does not serve itself. The caller is blocked until <see cref="KernelCall.FileReply"/>; there is one
/// address space, so the server reads the path and fills the buffer in place. A request never comes from the serving thread itself:
/// its own file calls on such paths answer ENOENT, as they do on every thread before the first <see cref="KernelCall.FileServe"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct FileRequest
{
    /// <summary>Names the request in <see cref="KernelCall.FileReply"/>; never 0.</summary>
    public ulong Id;

    /// <summary>What to do.</summary>
    public FileOperation Operation;

    /// <summary>See <see cref="FileOperation"/>.</summary>
    public uint Flags;

    /// <summary>The server's handle, where the operation has one.</summary>
    public ulong Handle;

    /// <summary>Position in bytes, where the operation has one.</summary>
    public ulong Offset;

    /// <summary>Virtual address of the caller's buffer; validated by the core.</summary>
    public ulong Buffer;

    /// <summary>Length of the buffer in bytes.</summary>
    public ulong Length;

    /// <summary>Virtual address of the path, UTF-8; validated by the core.</summary>
    public ulong Path;

    /// <summary>Length of the path in bytes without its ending zero; 4095 at most.</summary>
    public ulong PathLength;
}
