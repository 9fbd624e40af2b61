namespace GuestOS.Kernel.Core;

/// <summary>
/// One ready queue for each of two priorities, served round robin by all processors; interrupt threads run before normal ones.
/// LOCKING: the kernel lock for everything here.
/// </summary>
internal static unsafe class Scheduler
{
    /// <summary>A thread runs this long before another ready one gets the processor.</summary>
    public const ulong SliceNanoseconds = 4_000_000;

    private const int Priorities = 2;

    private struct Queues
    {
        public fixed ulong Heads[Priorities];
        public fixed ulong Tails[Priorities];
    }

    private static Queues s_queues;
    private static int s_readyCount;

    /// <summary>Times that a processor changed from one thread to another.</summary>
    public static ulong SwitchCount;

    public static int ReadyCount => s_readyCount;

    /// <summary>Makes a blocked or new thread ready and finds it a processor.</summary>
    public static void MakeReady(Thread* thread)
    {
        SleepQueue.Remove(thread);
        thread->State = ThreadState.Ready;
        thread->Wait = WaitKind.None;
        thread->WaitObject = null;
        Enqueue(thread, thread->Priority);
        WakeProcessor(thread);
    }

    /// <summary>Wakes a blocked thread with the result of its system call.</summary>
    public static void Wake(Thread* thread, long result)
    {
        thread->Frame.Rax = (ulong)result;
        MakeReady(thread);
    }

    /// <summary>Nanoseconds that a running thread has run, up to now. Its start is an estimate at times, and may be a little ahead of the clock.</summary>
    public static ulong RunTimeOf(Thread* thread, ulong now) => thread->RunTime + (now > thread->RunStart ? now - thread->RunStart : 0);

    /// <summary>Takes the running thread off its processor until <see cref="Wake"/>; with a deadline other than 0 at most until then.</summary>
    public static void Block(Thread* thread, WaitKind kind, void* waitObject, ulong deadline)
    {
        thread->State = ThreadState.Blocked;
        thread->Wait = kind;
        thread->WaitObject = waitObject;
        if (deadline != 0)
            SleepQueue.Add(thread, deadline);
    }

    /// <summary>Puts the running thread behind the other ready ones of its priority.</summary>
    public static void Yield(Thread* thread) => YieldBehind(thread, thread->Priority);

    /// <summary>
    /// sched_yield: puts the running thread behind all other ready ones, an interrupt thread for this once behind normal ones, too. It waits for what
    /// another thread does, as the runtime does for the start of a thread that it has made.
    /// </summary>
    public static void YieldToAll(Thread* thread) => YieldBehind(thread, 0);

    /// <summary>Chooses what runs next on this processor, given what came in. Never null: there is always the idle thread.</summary>
    public static Thread* PickNext(CpuArea* cpu, Thread* current, ulong now)
    {
        bool keep = current->State == ThreadState.Running && current->IsIdle == 0
            && (current->Affinity & (1UL << cpu->Index)) != 0;
        if (keep && s_readyCount != 0)
        {
            if (current->Priority == 0 && HasReady(1, cpu->Index))
            {
                // An interrupt thread goes first; the interrupted one keeps its place at the head.
                current->State = ThreadState.Ready;
                EnqueueFirst(current);
                keep = false;
            }
            else if (now >= current->SliceEnd)
            {
                Yield(current);
                keep = false;
            }
        }
        else if (!keep && current->State == ThreadState.Running && current->IsIdle == 0)
        {
            // It may not stay here: whoever may run it must look.
            Yield(current);
            WakeProcessor(current);
        }

        Thread* next = keep ? current : Dequeue(cpu->Index);
        if (next == null)
            next = cpu->Idle;
        Account(cpu, current, next, now);
        if (next != current || current->State != ThreadState.Running)
        {
            next->State = ThreadState.Running;
            next->Cpu = cpu->Index;
            next->SliceEnd = now + SliceNanoseconds;
            if (next != current)
            {
                next->SwitchCount++;
                SwitchCount++;
            }
        }

        Volatile.Write(ref cpu->IsIdle, next->IsIdle);
        return next;
    }

    /// <summary>When this processor must look again, or 0 for never: the end of the slice if others wait, or the first sleeper.</summary>
    public static ulong NextEvent(CpuArea* cpu, Thread* running)
    {
        ulong next = cpu->SleepHead != null ? cpu->SleepHead->Deadline : 0;
        if (running->IsIdle == 0 && s_readyCount != 0 && (next == 0 || running->SliceEnd < next))
            next = running->SliceEnd;
        return next;
    }

    private static void Account(CpuArea* cpu, Thread* current, Thread* next, ulong now)
    {
        if (current == next)
            return;
        current->RunTime = RunTimeOf(current, now);
        next->RunStart = now;
        if (next->IsIdle != 0)
            cpu->IdleSince = now;
        else if (current->IsIdle != 0)
            cpu->IdleNanoseconds += now > cpu->IdleSince ? now - cpu->IdleSince : 0;
    }

    /// <summary>
    /// Makes an idle processor look at a ready thread that it may run. When none is idle, this processor looks on its way out of the
    /// kernel; a thread that may not run here needs one of its own, which would otherwise look only when something else disturbs it.
    /// </summary>
    private static void WakeProcessor(Thread* thread)
    {
        CpuArea* self = Cpu.Self();
        bool mayRunHere = (thread->Affinity & (1UL << self->Index)) != 0;
        if (self->IsIdle != 0 && mayRunHere)
            return;
        int count = Smp.OnlineCount;
        CpuArea* busy = null;
        // The processor that ran it last first: its caches may still know the thread.
        for (int i = 0; i < count; i++)
        {
            int index = thread->Cpu + i;
            if (index >= count)
                index -= count;
            CpuArea* cpu = Smp.Area(index);
            if (cpu == self || (thread->Affinity & (1UL << index)) == 0)
                continue;
            if (cpu->IsIdle == 0)
            {
                if (busy == null)
                    busy = cpu;
                continue;
            }

            // Claimed, so that the next wake-up looks for another one. It still flushes on its way in.
            cpu->IsIdle = 0;
            Ipi.Send(cpu, Vectors.Reschedule);
            return;
        }

        if (!mayRunHere && busy != null)
            Ipi.Send(busy, Vectors.Reschedule);
    }

    private static void YieldBehind(Thread* thread, int queue)
    {
        if (thread->State != ThreadState.Running || thread->IsIdle != 0)
            return;
        thread->State = ThreadState.Ready;
        Enqueue(thread, queue);
    }

    private static bool HasReady(int priority, int cpu)
    {
        fixed (ulong* heads = s_queues.Heads)
        {
            for (Thread* thread = (Thread*)heads[priority]; thread != null; thread = thread->Next)
            {
                if ((thread->Affinity & (1UL << cpu)) != 0)
                    return true;
            }
        }

        return false;
    }

    private static void Enqueue(Thread* thread, int queue)
    {
        fixed (ulong* heads = s_queues.Heads)
        fixed (ulong* tails = s_queues.Tails)
        {
            thread->Next = null;
            if (heads[queue] == 0)
                heads[queue] = (ulong)thread;
            else
                ((Thread*)tails[queue])->Next = thread;
            tails[queue] = (ulong)thread;
        }

        s_readyCount++;
    }

    private static void EnqueueFirst(Thread* thread)
    {
        fixed (ulong* heads = s_queues.Heads)
        fixed (ulong* tails = s_queues.Tails)
        {
            thread->Next = (Thread*)heads[thread->Priority];
            heads[thread->Priority] = (ulong)thread;
            if (thread->Next == null)
                tails[thread->Priority] = (ulong)thread;
        }

        s_readyCount++;
    }

    private static Thread* Dequeue(int cpu)
    {
        fixed (ulong* heads = s_queues.Heads)
        fixed (ulong* tails = s_queues.Tails)
        {
            for (int priority = Priorities - 1; priority >= 0; priority--)
            {
                Thread* previous = null;
                for (Thread* thread = (Thread*)heads[priority]; thread != null; previous = thread, thread = thread->Next)
                {
                    if ((thread->Affinity & (1UL << cpu)) == 0)
                        continue;
                    if (previous == null)
                        heads[priority] = (ulong)thread->Next;
                    else
                        previous->Next = thread->Next;
                    if (thread->Next == null)
                        tails[priority] = (ulong)previous;
                    thread->Next = null;
                    s_readyCount--;
                    return thread;
                }
            }
        }

        return null;
    }
}
