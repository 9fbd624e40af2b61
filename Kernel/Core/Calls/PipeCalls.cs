namespace GuestOS.Kernel.Core;

/// <summary>Pipes behind their descriptors. LOCKING: the kernel lock.</summary>
internal static unsafe class PipeCalls
{
    /// <summary>O_NONBLOCK.</summary>
    public const uint OpenNonBlock = 0x800;

    public static long Create(ulong descriptors)
    {
        if (!UserMemory.CanWrite(descriptors, 8))
            return Errno.EFault;
        Pipe* pipe = Pipe.Create();
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

    public static long Read(Thread* thread, OpenFile* file, byte* buffer, ulong length)
    {
        Pipe* pipe = (Pipe*)file->Object;
        if (pipe->IsEmpty && length != 0)
        {
            if (pipe->HasWriter == 0)
                return 0;
            return (file->Flags & OpenNonBlock) != 0 ? Errno.EAgain : WaitQueue.BlockAndRepeat(thread, WaitKind.Pipe, pipe);
        }

        long count = (long)Pipe.Read(pipe, buffer, length);
        WaitQueue.WakeAll(WaitKind.Pipe, pipe);
        return count;
    }

    public static long Write(Thread* thread, OpenFile* file, byte* buffer, ulong length)
    {
        Pipe* pipe = (Pipe*)file->Object;
        if (pipe->HasReader == 0)
            return Errno.EPipe;
        if (pipe->IsFull && length != 0)
            return (file->Flags & OpenNonBlock) != 0 ? Errno.EAgain : WaitQueue.BlockAndRepeat(thread, WaitKind.Pipe, pipe);
        long count = (long)Pipe.Write(pipe, buffer, length);
        WaitQueue.WakeAll(WaitKind.Pipe, pipe);
        return count;
    }

    public static void Close(OpenFile* file)
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
}
