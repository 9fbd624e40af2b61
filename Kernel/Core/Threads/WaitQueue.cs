namespace GuestOS.Kernel.Core;

/// <summary>
/// Blocking for system calls that are simply made again: the thread's instruction pointer goes back to its SYSCALL instruction, and
/// whoever changes the object makes all its waiters ready. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class WaitQueue
{
    private const ulong SyscallInstructionLength = 2;

    public static long BlockAndRepeat(Thread* thread, WaitKind kind, void* waitObject)
    {
        thread->Frame.Rip -= SyscallInstructionLength;
        Scheduler.Block(thread, kind, waitObject, 0);
        return 0;
    }

    public static void WakeAll(WaitKind kind, void* waitObject)
    {
        for (Thread* thread = ThreadTable.First; thread != null; thread = thread->NextOfAll)
        {
            if (thread->State == ThreadState.Blocked && thread->Wait == kind && thread->WaitObject == waitObject)
                Scheduler.MakeReady(thread);
        }
    }
}
