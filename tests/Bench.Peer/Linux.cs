using System.Runtime.InteropServices;

namespace GuestOS.Bench.Peer;

/// <summary>The system calls of the program, without anything in between.</summary>
internal static unsafe partial class Linux
{
    /// <summary>O_RDWR | O_DIRECT (asm-generic/fcntl.h; O_DIRECT is 0x4000 on x86).</summary>
    public const int ReadWriteDirect = 2 | 0x4000;

    public const int SeekEnd = 2;

    /// <summary>PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS (asm-generic/mman-common.h).</summary>
    public const int ReadWriteExecute = 1 | 2 | 4;
    public const int PrivateAnonymous = 0x02 | 0x20;

    /// <summary>Numbers for x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).</summary>
    public const long IoSetup = 206;
    public const long IoGetEvents = 208;
    public const long IoSubmit = 209;

    /// <summary>IOCB_CMD_PREAD, IOCB_CMD_PWRITE (linux/aio_abi.h).</summary>
    public const ushort AioRead = 0;
    public const ushort AioWrite = 1;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek")]
    public static partial long Seek(int file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "pread")]
    public static partial nint Read(int file, void* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite")]
    public static partial nint Write(int file, void* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial nint Map(nint address, nint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial long Call(long number, nint a, nint b, nint c, nint d, nint e);
}

/// <summary>struct iocb, 64 bytes (linux/aio_abi.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AioRequest
{
    public ulong Data;
    public uint Key;
    public uint Flags;
    public ushort Opcode;
    public short Priority;
    public uint File;
    public ulong Buffer;
    public ulong Count;
    public long Offset;
    public ulong Reserved;
    public uint ExtraFlags;
    public uint EventFile;
}

/// <summary>struct io_event, 32 bytes (linux/aio_abi.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AioEvent
{
    public ulong Data;
    public ulong Request;
    public long Result;
    public long Result2;
}
