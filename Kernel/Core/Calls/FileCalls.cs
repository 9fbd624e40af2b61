namespace GuestOS.Kernel.Core;

/// <summary>Reading and writing through descriptors: console, pipes and built-in files here, everything else by the managed file server. LOCKING: the kernel lock.</summary>
internal static unsafe class FileCalls
{
    public static long Read(Thread* thread, int descriptor, ulong buffer, ulong length)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (!UserMemory.CanWrite(buffer, length))
            return Errno.EFault;
        switch (file->Kind)
        {
            case OpenFileKind.Console:
                return ConsoleInput.ReadLine(thread, (byte*)buffer, length);
            case OpenFileKind.PipeReader:
                return PipeCalls.Read(thread, file, (byte*)buffer, length);
            case OpenFileKind.Random:
                RandomSource.Fill((byte*)buffer, length);
                return (long)length;
            case OpenFileKind.Null:
                return 0;
            case OpenFileKind.Text:
                long count = ReadText(file, buffer, length, file->Position);
                file->Position += (ulong)count;
                return count;
            case OpenFileKind.Served:
                return AskRead(thread, file, buffer, length, file->Position, sequential: true);
            default:
                return Errno.EBadF;
        }
    }

    public static long ReadAt(Thread* thread, int descriptor, ulong buffer, ulong length, ulong offset)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (!UserMemory.CanWrite(buffer, length))
            return Errno.EFault;
        return file->Kind switch
        {
            OpenFileKind.Text => ReadText(file, buffer, length, offset),
            OpenFileKind.Served => AskRead(thread, file, buffer, length, offset, sequential: false),
            _ => Errno.ESPipe,
        };
    }

    /// <summary>Serves the first piece that has room: a short read, which callers must expect anyway.</summary>
    public static long ReadVector(Thread* thread, int descriptor, ulong vector, ulong count) =>
        FirstPiece(vector, count, out ulong buffer, out ulong length) ? Read(thread, descriptor, buffer, length) : Errno.EFault;

    public static long ReadVectorAt(Thread* thread, int descriptor, ulong vector, ulong count, ulong offset) =>
        FirstPiece(vector, count, out ulong buffer, out ulong length) ? ReadAt(thread, descriptor, buffer, length, offset) : Errno.EFault;

    public static long Write(Thread* thread, int descriptor, ulong buffer, ulong length)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (!UserMemory.CanRead(buffer, length))
            return Errno.EFault;
        switch (file->Kind)
        {
            case OpenFileKind.Console:
                const int standardError = 2;
                if (descriptor == standardError)
                    LastWords.Remember((byte*)buffer, length);
                KernelLog.Write((byte*)buffer, length);
                return (long)length;
            case OpenFileKind.PipeWriter:
                return PipeCalls.Write(thread, file, (byte*)buffer, length);
            case OpenFileKind.Null or OpenFileKind.Random:
                return (long)length;
            case OpenFileKind.Served:
                return Errno.ERoFs;
            default:
                return Errno.EBadF;
        }
    }

    public static long WriteAt(Thread* thread, int descriptor, ulong buffer, ulong length)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        return file == null ? Errno.EBadF : file->Kind == OpenFileKind.Served ? Errno.ERoFs : Errno.ESPipe;
    }

    public static long WriteVector(Thread* thread, int descriptor, ulong vector, ulong count)
    {
        const ulong mostPieces = 1024;
        if (count > mostPieces || !UserMemory.CanRead(vector, count * 16))
            return Errno.EInval;
        long total = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong* piece = (ulong*)(vector + (i * 16));
            if (piece[1] == 0)
                continue;
            long written = Write(thread, descriptor, piece[0], piece[1]);
            if (written < 0)
                return total != 0 ? total : written;
            total += written;
        }

        return total;
    }

    public static long Seek(Thread* thread, int descriptor, long offset, int origin)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (file->Kind is not (OpenFileKind.Served or OpenFileKind.Text))
            return Errno.ESPipe;
        const int fromStart = 0;
        const int fromPosition = 1;
        long position = origin switch
        {
            fromStart => offset,
            fromPosition => (long)file->Position + offset,
            // The length of a served file is the server's knowledge; the base library asks fstat for it.
            _ => file->Kind == OpenFileKind.Text ? (long)file->Length + offset : -1,
        };
        if (position < 0)
            return Errno.EInval;
        file->Position = (ulong)position;
        return position;
    }

    public static long ReadDirectory(Thread* thread, int descriptor, ulong buffer, ulong length)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (file->Kind != OpenFileKind.Served)
            return Errno.ENotDir;
        if (!UserMemory.CanWrite(buffer, length))
            return Errno.EFault;
        thread->File = default;
        thread->File.Operation = FileOperation.ReadDirectory;
        thread->File.Handle = file->Handle;
        thread->File.Offset = file->Position;
        thread->File.Buffer = buffer;
        thread->File.Length = length;
        return FileServer.Ask(thread, file, sequential: false);
    }

    private static long AskRead(Thread* thread, OpenFile* file, ulong buffer, ulong length, ulong offset, bool sequential)
    {
        if (!FileServer.CanAsk(thread))
            return Errno.EIo;
        thread->File = default;
        thread->File.Operation = FileOperation.Read;
        thread->File.Handle = file->Handle;
        thread->File.Offset = offset;
        thread->File.Buffer = buffer;
        thread->File.Length = length;
        return FileServer.Ask(thread, file, sequential);
    }

    private static long ReadText(OpenFile* file, ulong buffer, ulong length, ulong offset)
    {
        if (offset >= file->Length)
            return 0;
        if (length > file->Length - offset)
            length = file->Length - offset;
        Cpu.Copy((void*)buffer, (byte*)file->Object + offset, length);
        return (long)length;
    }

    private static bool FirstPiece(ulong vector, ulong count, out ulong buffer, out ulong length)
    {
        buffer = 0;
        length = 0;
        const ulong mostPieces = 1024;
        if (count > mostPieces || !UserMemory.CanRead(vector, count * 16))
            return false;
        for (ulong i = 0; i < count; i++)
        {
            ulong* piece = (ulong*)(vector + (i * 16));
            if (piece[1] == 0)
                continue;
            buffer = piece[0];
            length = piece[1];
            return true;
        }

        return true;
    }
}
