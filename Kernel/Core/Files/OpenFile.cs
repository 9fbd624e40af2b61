using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

internal enum OpenFileKind
{
    Free,

    /// <summary>COM1 and the screen.</summary>
    Console,
    PipeReader,
    PipeWriter,

    /// <summary>A text made when the file was opened, in one page.</summary>
    Text,

    /// <summary>/dev/urandom.</summary>
    Random,

    /// <summary>/dev/null.</summary>
    Null,

    /// <summary>A file of the managed file server.</summary>
    Served,
}

/// <summary>What a descriptor stands for; shared by its duplicates.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OpenFile
{
    public OpenFileKind Kind;

    /// <summary>Descriptors and requests in flight that name it.</summary>
    public int References;

    /// <summary>Served: the server's handle.</summary>
    public ulong Handle;

    /// <summary>Position for read without one.</summary>
    public ulong Position;

    /// <summary>Pipe, or the page of a text.</summary>
    public void* Object;

    /// <summary>Length of a text.</summary>
    public ulong Length;

    /// <summary>O_NONBLOCK and friends, as F_GETFL reports them.</summary>
    public uint Flags;
}
