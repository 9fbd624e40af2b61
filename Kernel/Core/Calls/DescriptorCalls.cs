namespace GuestOS.Kernel.Core;

/// <summary>Descriptors themselves: closing, duplicating, status, flags, polling. LOCKING: the kernel lock.</summary>
internal static unsafe class DescriptorCalls
{
    /// <summary>S_IFCHR with rw--w----.</summary>
    public const uint ModeCharacterDevice = 0x2000 | 0x190;
    private const uint ModePipe = 0x1000 | 0x180;
    private const uint ModeText = 0x8000 | 0x124;
    private const int ControlDuplicate = 0;
    private const int ControlGetDescriptorFlags = 1;
    private const int ControlSetDescriptorFlags = 2;
    private const int ControlGetFlags = 3;
    private const int ControlSetFlags = 4;
    private const int ControlDuplicateCloseOnExec = 1030;
    private const int PollIn = 1;
    private const int PollOut = 4;
    private const int PollError = 8;
    private const int PollHangUp = 16;
    private const int PollInvalid = 32;

    public static bool IsOpen(int descriptor) => DescriptorTable.Get(descriptor) != null;

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
                PipeCalls.Close(file);
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
                file->Flags = (uint)argument & PipeCalls.OpenNonBlock;
                return 0;
            case ControlGetDescriptorFlags or ControlSetDescriptorFlags:
                return 0;
            default:
                return Errno.EInval;
        }
    }

    /// <summary>No descriptor is a terminal to the C library: the base library would want one with all its modes.</summary>
    public static long DeviceControl(int descriptor) => IsOpen(descriptor) ? Errno.ENoTty : Errno.EBadF;

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

    public static void FillStatus(LinuxStat* status, uint mode, long size)
    {
        Cpu.Fill(status, 0, (ulong)sizeof(LinuxStat));
        status->Mode = mode;
        status->Links = 1;
        status->Size = size;
        status->BlockSize = (long)Page.Size;
    }
}
