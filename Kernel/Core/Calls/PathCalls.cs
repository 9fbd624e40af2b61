namespace GuestOS.Kernel.Core;

/// <summary>Calls that name files by their path: built-in ones are answered here, others asked of the managed file server. LOCKING: the kernel lock.</summary>
internal static unsafe class PathCalls
{
    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    public const uint NoFollow = 0x100;

    private const int AtEmptyPath = 0x1000;
    private const int PathLimit = 4096;

    public static long Open(Thread* thread, ulong path, uint flags)
    {
        int length = UserMemory.StringLength(path, PathLimit);
        if (length < 0)
            return Errno.EFault;
        if (BuiltInFiles.Owns((byte*)path, length))
            return BuiltInFiles.Open((byte*)path, length);
        if (!FileServer.CanAsk(thread))
            return Errno.ENoEnt;
        OpenFile* file = DescriptorTable.NewFile(OpenFileKind.Served);
        if (file == null)
            return Errno.EMFile;
        SetPath(thread, FileOperation.Open, path, length);
        thread->File.Flags = flags;
        return FileServer.Ask(thread, file, sequential: false);
    }

    public static long StatusOfPath(Thread* thread, ulong path, ulong buffer, uint flags)
    {
        int length = UserMemory.StringLength(path, PathLimit);
        if (length < 0 || !UserMemory.CanWrite(buffer, (ulong)sizeof(LinuxStat)))
            return Errno.EFault;
        if (BuiltInFiles.Owns((byte*)path, length))
        {
            if (!BuiltInFiles.Exists((byte*)path, length))
                return Errno.ENoEnt;
            DescriptorCalls.FillStatus((LinuxStat*)buffer, DescriptorCalls.ModeCharacterDevice, 0);
            return 0;
        }

        if (!FileServer.CanAsk(thread))
            return Errno.ENoEnt;
        SetPath(thread, FileOperation.StatusOfPath, path, length);
        thread->File.Flags = flags & NoFollow;
        thread->File.Buffer = buffer;
        thread->File.Length = (ulong)sizeof(LinuxStat);
        return FileServer.Ask(thread, null, sequential: false);
    }

    public static long StatusAt(Thread* thread, int descriptor, ulong path, ulong buffer, uint flags)
    {
        if ((flags & AtEmptyPath) != 0 && UserMemory.StringLength(path, PathLimit) == 0)
            return DescriptorCalls.StatusOfDescriptor(thread, descriptor, buffer);
        return StatusOfPath(thread, path, buffer, flags);
    }

    public static long ReadLink(Thread* thread, ulong path, ulong buffer, ulong size)
    {
        int length = UserMemory.StringLength(path, PathLimit);
        if (length < 0 || !UserMemory.CanWrite(buffer, size))
            return Errno.EFault;
        if (BuiltInFiles.Owns((byte*)path, length) || !FileServer.CanAsk(thread))
            return Errno.ENoEnt;
        SetPath(thread, FileOperation.ReadLink, path, length);
        thread->File.Buffer = buffer;
        thread->File.Length = size;
        return FileServer.Ask(thread, null, sequential: false);
    }

    public static long Access(Thread* thread, ulong path, uint mode) => PathOnly(thread, path, FileOperation.Access, mode);

    public static long Modify(Thread* thread, ulong path) => PathOnly(thread, path, FileOperation.Modify, 0);

    /// <summary>There are no directories to change to: always the root.</summary>
    public static long WorkingDirectory(ulong buffer, ulong size)
    {
        if (size < 2)
            return Errno.ERange;
        if (!UserMemory.CanWrite(buffer, 2))
            return Errno.EFault;
        *(ushort*)buffer = '/';
        return 2;
    }

    private static long PathOnly(Thread* thread, ulong path, FileOperation operation, uint flags)
    {
        int length = UserMemory.StringLength(path, PathLimit);
        if (length < 0)
            return Errno.EFault;
        if (BuiltInFiles.Owns((byte*)path, length))
            return operation == FileOperation.Access && BuiltInFiles.Exists((byte*)path, length) ? 0 : Errno.ENoEnt;
        if (!FileServer.CanAsk(thread))
            return Errno.ENoEnt;
        SetPath(thread, operation, path, length);
        thread->File.Flags = flags;
        return FileServer.Ask(thread, null, sequential: false);
    }

    private static void SetPath(Thread* thread, FileOperation operation, ulong path, int length)
    {
        thread->File = default;
        thread->File.Operation = operation;
        thread->File.Path = path;
        thread->File.PathLength = (ulong)length;
    }
}
