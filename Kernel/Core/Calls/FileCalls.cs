namespace GuestOS.Kernel.Core;

/// <summary>Files: console, pipes and built-in files here, everything else by the managed file server. LOCKING: the kernel lock.</summary>
internal static unsafe class FileCalls
{
    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    public const uint NoFollow = 0x100;

    private const int AtEmptyPath = 0x1000;
    private const int PathLimit = 4096;
    private const uint ModeCharacterDevice = 0x2000 | 0x190;
    private const uint ModePipe = 0x1000 | 0x180;
    private const uint ModeText = 0x8000 | 0x124;
    private const uint OpenNonBlock = 0x800;
    private const int ControlDuplicate = 0;
    private const int ControlGetDescriptorFlags = 1;
    private const int ControlSetDescriptorFlags = 2;
    private const int ControlGetFlags = 3;
    private const int ControlSetFlags = 4;
    private const int ControlDuplicateCloseOnExec = 1030;

    public static bool IsOpen(int descriptor) => DescriptorTable.Get(descriptor) != null;

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
                return ReadPipe(thread, file, (byte*)buffer, length);
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
                return WritePipe(thread, file, (byte*)buffer, length);
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

    public static long Close(Thread* thread, int descriptor)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        DescriptorTable.Clear(descriptor);
        if (--file->References != 0)
            return 0;
        switch (file->Kind)
        {
            case OpenFileKind.PipeReader or OpenFileKind.PipeWriter:
                ClosePipe(file);
                break;
            case OpenFileKind.Text:
                PhysicalMemory.FreePage((ulong)file->Object);
                break;
            case OpenFileKind.Served when FileServer.CanAsk(thread):
                thread->File = default;
                thread->File.Operation = FileOperation.Close;
                thread->File.Handle = file->Handle;
                return FileServer.Ask(thread, file, sequential: false);
        }

        file->Kind = OpenFileKind.Free;
        return 0;
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
            FillStatus((LinuxStat*)buffer, ModeCharacterDevice, 0);
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
            return StatusOfDescriptor(thread, descriptor, buffer);
        return StatusOfPath(thread, path, buffer, flags);
    }

    public static long StatusOfDescriptor(Thread* thread, int descriptor, ulong buffer)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        if (!UserMemory.CanWrite(buffer, (ulong)sizeof(LinuxStat)))
            return Errno.EFault;
        if (file->Kind == OpenFileKind.Served)
        {
            thread->File = default;
            thread->File.Operation = FileOperation.StatusOfHandle;
            thread->File.Handle = file->Handle;
            thread->File.Buffer = buffer;
            thread->File.Length = (ulong)sizeof(LinuxStat);
            return FileServer.Ask(thread, file, sequential: false);
        }

        uint mode = file->Kind switch
        {
            OpenFileKind.PipeReader or OpenFileKind.PipeWriter => ModePipe,
            OpenFileKind.Text => ModeText,
            _ => ModeCharacterDevice,
        };
        FillStatus((LinuxStat*)buffer, mode, (long)file->Length);
        return 0;
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

    public static long Duplicate(int descriptor)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        return file == null ? Errno.EBadF : DescriptorTable.Add(file);
    }

    public static long DuplicateTo(Thread* thread, int descriptor, int target)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null || (uint)target >= DescriptorTable.Capacity)
            return Errno.EBadF;
        if (target == descriptor)
            return target;
        if (IsOpen(target))
        {
            long closed = Close(thread, target);
            if (thread->State == ThreadState.Blocked)
                return closed;
        }

        return DescriptorTable.Set(target, file);
    }

    public static long Control(int descriptor, uint command, ulong argument)
    {
        OpenFile* file = DescriptorTable.Get(descriptor);
        if (file == null)
            return Errno.EBadF;
        switch ((int)command)
        {
            case ControlDuplicate or ControlDuplicateCloseOnExec:
                return DescriptorTable.Add(file);
            case ControlGetFlags:
                const uint readWrite = 2;
                return file->Kind is OpenFileKind.Console ? readWrite | file->Flags : file->Flags;
            case ControlSetFlags:
                file->Flags = (uint)argument & OpenNonBlock;
                return 0;
            case ControlGetDescriptorFlags or ControlSetDescriptorFlags:
                return 0;
            default:
                return Errno.EInval;
        }
    }

    /// <summary>No descriptor is a terminal to the C library: the base library would want one with all its modes.</summary>
    public static long DeviceControl(int descriptor) => IsOpen(descriptor) ? Errno.ENoTty : Errno.EBadF;

    public static long Pipe(ulong descriptors)
    {
        if (!UserMemory.CanWrite(descriptors, 8))
            return Errno.EFault;
        Pipe* pipe = GuestOS.Kernel.Core.Pipe.Create();
        OpenFile* reader = DescriptorTable.NewFile(OpenFileKind.PipeReader);
        OpenFile* writer = DescriptorTable.NewFile(OpenFileKind.PipeWriter);
        if (pipe == null || reader == null || writer == null)
            return Errno.EMFile;
        reader->Object = pipe;
        writer->Object = pipe;
        long first = DescriptorTable.Add(reader);
        long second = DescriptorTable.Add(writer);
        if (first < 0 || second < 0)
            return Errno.EMFile;
        ((int*)descriptors)[0] = (int)first;
        ((int*)descriptors)[1] = (int)second;
        return 0;
    }

    /// <summary>Reports what is ready now; a wait without anything ready sleeps for its time-out at most.</summary>
    public static long Poll(Thread* thread, ulong entries, ulong count, int milliseconds)
    {
        const ulong entrySize = 8;
        if (count > DescriptorTable.Capacity || !UserMemory.CanWrite(entries, count * entrySize))
            return Errno.EFault;
        long ready = 0;
        for (ulong i = 0; i < count; i++)
        {
            byte* entry = (byte*)(entries + (i * entrySize));
            short wanted = *(short*)(entry + 4);
            short got = (short)(PollState(DescriptorTable.Get(*(int*)entry)) & (wanted | PollError | PollHangUp | PollInvalid));
            *(short*)(entry + 6) = got;
            if (got != 0)
                ready++;
        }

        if (ready == 0 && milliseconds > 0)
            Scheduler.Block(thread, WaitKind.Sleep, null, Clock.NowNanoseconds() + ((ulong)milliseconds * 1_000_000));
        return ready;
    }

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

    private const int PollIn = 1;
    private const int PollOut = 4;
    private const int PollError = 8;
    private const int PollHangUp = 16;
    private const int PollInvalid = 32;

    private static int PollState(OpenFile* file)
    {
        if (file == null)
            return PollInvalid;
        return file->Kind switch
        {
            OpenFileKind.Console => PollOut | (ConsoleInput.HasLine ? PollIn : 0),
            OpenFileKind.PipeReader => (((Pipe*)file->Object)->IsEmpty ? 0 : PollIn) | (((Pipe*)file->Object)->HasWriter == 0 ? PollHangUp : 0),
            OpenFileKind.PipeWriter => (((Pipe*)file->Object)->IsFull ? 0 : PollOut) | (((Pipe*)file->Object)->HasReader == 0 ? PollError : 0),
            _ => PollIn | PollOut,
        };
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

    private static long ReadPipe(Thread* thread, OpenFile* file, byte* buffer, ulong length)
    {
        Pipe* pipe = (Pipe*)file->Object;
        if (pipe->IsEmpty && length != 0)
        {
            if (pipe->HasWriter == 0)
                return 0;
            return (file->Flags & OpenNonBlock) != 0 ? Errno.EAgain : WaitQueue.BlockAndRepeat(thread, WaitKind.Pipe, pipe);
        }

        long count = (long)GuestOS.Kernel.Core.Pipe.Read(pipe, buffer, length);
        WaitQueue.WakeAll(WaitKind.Pipe, pipe);
        return count;
    }

    private static long WritePipe(Thread* thread, OpenFile* file, byte* buffer, ulong length)
    {
        Pipe* pipe = (Pipe*)file->Object;
        if (pipe->HasReader == 0)
            return Errno.EPipe;
        if (pipe->IsFull && length != 0)
            return (file->Flags & OpenNonBlock) != 0 ? Errno.EAgain : WaitQueue.BlockAndRepeat(thread, WaitKind.Pipe, pipe);
        long count = (long)GuestOS.Kernel.Core.Pipe.Write(pipe, buffer, length);
        WaitQueue.WakeAll(WaitKind.Pipe, pipe);
        return count;
    }

    private static void ClosePipe(OpenFile* file)
    {
        Pipe* pipe = (Pipe*)file->Object;
        if (file->Kind == OpenFileKind.PipeReader)
            pipe->HasReader = 0;
        else
            pipe->HasWriter = 0;
        if (pipe->HasReader == 0 && pipe->HasWriter == 0)
            PhysicalMemory.FreePage((ulong)pipe);
        else
            WaitQueue.WakeAll(WaitKind.Pipe, pipe);
    }

    private static void FillStatus(LinuxStat* status, uint mode, long size)
    {
        Cpu.Fill(status, 0, (ulong)sizeof(LinuxStat));
        status->Mode = mode;
        status->Links = 1;
        status->Size = size;
        status->BlockSize = (long)Page.Size;
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
