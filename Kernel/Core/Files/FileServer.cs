namespace GuestOS.Kernel.Core;

/// <summary>
/// The queue between threads that use files and the managed thread that serves them (<see cref="KernelCall.FileServe"/>). A caller is
/// blocked from <see cref="Ask"/> to the reply. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class FileServer
{
    private static Thread* s_first;
    private static Thread* s_last;
    private static Thread* s_server;
    private static ulong s_nextId;
    private static byte s_waitMarker;

    public static ulong RequestCount;

    /// <summary>Whether someone serves, and not to the server itself.</summary>
    public static bool CanAsk(Thread* thread) => s_server != null && s_server != thread;

    /// <summary>Queues the request in <see cref="Thread.File"/>; <paramref name="file"/> gets the result's consequences.</summary>
    public static long Ask(Thread* thread, OpenFile* file, bool sequential)
    {
        thread->File.Id = ++s_nextId;
        thread->FileTarget = file;
        thread->FileIsSequential = sequential ? 1 : 0;
        if (file != null)
            file->References++;
        Scheduler.Block(thread, WaitKind.FileReply, null, 0);
        thread->Next = null;
        if (s_first == null)
            s_first = thread;
        else
            s_last->Next = thread;
        s_last = thread;
        RequestCount++;
        fixed (byte* marker = &s_waitMarker)
            WaitQueue.WakeAll(WaitKind.FileServer, marker);
        return 0;
    }

    /// <summary>Takes the oldest request, or blocks the server until there is one.</summary>
    public static long Serve(Thread* thread, FileRequest* destination)
    {
        s_server = thread;
        if (!UserMemory.CanWrite((ulong)destination, (ulong)sizeof(FileRequest)))
            return Errno.EFault;
        if (s_first == null)
        {
            fixed (byte* marker = &s_waitMarker)
                return WaitQueue.BlockAndRepeat(thread, WaitKind.FileServer, marker);
        }

        Thread* client = s_first;
        s_first = client->Next;
        client->Next = null;
        *destination = client->File;
        return 0;
    }

    public static long Reply(ulong id, long result, ulong position)
    {
        for (Thread* thread = ThreadTable.First; thread != null; thread = thread->NextOfAll)
        {
            if (thread->State != ThreadState.Blocked || thread->Wait != WaitKind.FileReply || thread->File.Id != id)
                continue;
            thread->File.Id = 0;
            Scheduler.Wake(thread, Complete(thread, result, position));
            return 0;
        }

        return Errno.EInval;
    }

    private static long Complete(Thread* thread, long result, ulong position)
    {
        OpenFile* file = thread->FileTarget;
        thread->FileTarget = null;
        switch (thread->File.Operation)
        {
            case FileOperation.Open when result >= 0:
                file->Handle = (ulong)result;
                result = DescriptorTable.Add(file);
                break;
            case FileOperation.Read when result > 0 && thread->FileIsSequential != 0:
                file->Position += (ulong)result;
                break;
            case FileOperation.ReadDirectory when result >= 0:
                file->Position = position;
                break;
            case FileOperation.Close:
                result = 0;
                break;
        }

        if (file != null && --file->References == 0)
            file->Kind = OpenFileKind.Free;
        return result;
    }
}
