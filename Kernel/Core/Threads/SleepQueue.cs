namespace GuestOS.Kernel.Core;

/// <summary>
/// Threads with a deadline, in a list for each processor, earliest first; the processor that a thread blocked on wakes it, so no
/// processor needs a tick for another. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class SleepQueue
{
    public static void Add(Thread* thread, ulong deadline)
    {
        CpuArea* cpu = Cpu.Self();
        thread->Deadline = deadline;
        thread->SleepCpu = cpu->Index;
        thread->IsSleeping = 1;
        Thread* previous = null;
        Thread* next = cpu->SleepHead;
        while (next != null && next->Deadline <= deadline)
        {
            previous = next;
            next = next->SleepNext;
        }

        thread->SleepPrevious = previous;
        thread->SleepNext = next;
        if (previous != null)
            previous->SleepNext = thread;
        else
            cpu->SleepHead = thread;
        if (next != null)
            next->SleepPrevious = thread;
    }

    public static void Remove(Thread* thread)
    {
        if (thread->IsSleeping == 0)
            return;
        thread->IsSleeping = 0;
        if (thread->SleepPrevious != null)
            thread->SleepPrevious->SleepNext = thread->SleepNext;
        else
            Smp.Area(thread->SleepCpu)->SleepHead = thread->SleepNext;
        if (thread->SleepNext != null)
            thread->SleepNext->SleepPrevious = thread->SleepPrevious;
    }

    /// <summary>Whether a thread of this processor has a time that has come.</summary>
    public static bool IsDue(CpuArea* cpu, ulong now) => cpu->SleepHead != null && cpu->SleepHead->Deadline <= now;

    /// <summary>Wakes every thread of this processor whose time has come.</summary>
    public static void WakeExpired(CpuArea* cpu, ulong now)
    {
        while (IsDue(cpu, now))
            Expire(cpu->SleepHead);
    }

    private static void Expire(Thread* thread)
    {
        long result = Errno.ETimedOut;
        switch (thread->Wait)
        {
            case WaitKind.Sleep:
                result = 0;
                break;
            case WaitKind.Futex:
                Futex.Forget(thread);
                break;
        }

        Scheduler.Wake(thread, result);
    }
}
