namespace GuestOS.Kernel.Core;

/// <summary>Creates and ends threads and knows them all. LOCKING: the kernel lock.</summary>
internal static unsafe class ThreadTable
{
    private static Thread* s_first;
    private static Thread* s_free;
    private static int s_nextId = 0;
    private static ulong s_fpuSize;

    public static int Count;

    public static Thread* First => s_first;

    public static ulong FpuSize => s_fpuSize;

    public static void Initialize(ulong fpuSize)
    {
        s_fpuSize = (fpuSize + 63) & ~63UL;
        s_nextId = 1;
    }

    /// <summary>A thread with a clean FPU state, not yet ready; null when no memory is left.</summary>
    public static Thread* Create(bool isIdle)
    {
        Thread* thread = s_free;
        ulong header = ((ulong)sizeof(Thread) + 63) & ~63UL;
        ulong bytes = header + s_fpuSize;
        if (thread != null)
        {
            s_free = thread->NextOfAll;
            Cpu.Fill(thread, 0, bytes);
        }
        else
        {
            thread = (Thread*)PhysicalMemory.AllocateContiguous(Page.Up(bytes) >> Page.Shift, ulong.MaxValue, 0);
            if (thread == null)
                return null;
        }

        thread->Fpu = (byte*)thread + header;
        FpuState.Reset(thread->Fpu);
        thread->Frame.Cs = TrapFrame.CodeSelector;
        thread->Frame.Ss = TrapFrame.DataSelector;
        thread->Frame.Rflags = TrapFrame.InitialFlags;
        thread->Affinity = ulong.MaxValue;
        thread->InheritedAffinity = ulong.MaxValue;
        thread->IsIdle = isIdle ? 1 : 0;
        if (isIdle)
            return thread;
        thread->Id = s_nextId++;
        Count++;
        Thread** link = &thread->NextOfAll;
        *link = s_first;
        s_first = thread;
        return thread;
    }

    /// <summary>Ends the running thread: clears and wakes its CHILD_CLEARTID word. Its structure is reused once it has left its processor.</summary>
    public static void Exit(Thread* thread)
    {
        thread->State = ThreadState.Dead;
        Count--;
        if (thread->ClearChildTid != null && UserMemory.CanWrite((ulong)thread->ClearChildTid, 4))
        {
            *thread->ClearChildTid = 0;
            Futex.Wake((uint*)thread->ClearChildTid, int.MaxValue, uint.MaxValue);
        }

        Thread* previous = null;
        for (Thread* t = s_first; t != null; previous = t, t = t->NextOfAll)
        {
            if (t != thread)
                continue;
            if (previous == null)
                s_first = t->NextOfAll;
            else
                previous->NextOfAll = t->NextOfAll;
            break;
        }
    }

    /// <summary>Gives the structure of a dead thread back. The caller has left it for good.</summary>
    public static void Recycle(Thread* thread)
    {
        thread->NextOfAll = s_free;
        s_free = thread;
    }

    public static Thread* FindById(int id)
    {
        for (Thread* thread = s_first; thread != null; thread = thread->NextOfAll)
        {
            if (thread->Id == id)
                return thread;
        }

        return null;
    }
}
