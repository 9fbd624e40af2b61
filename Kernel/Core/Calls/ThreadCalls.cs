namespace GuestOS.Kernel.Core;

/// <summary>Threads, signals and futexes. LOCKING: the kernel lock.</summary>
internal static unsafe class ThreadCalls
{
    /// <summary>The one process; also the first thread's id.</summary>
    public const int ProcessId = 1;

    private const ulong CloneParentSetTid = 0x0010_0000;
    private const ulong CloneChildClearTid = 0x0020_0000;
    private const ulong CloneSetTls = 0x0008_0000;
    private const ulong CloneThread = 0x0001_0000;
    private const ulong CloneChildSetTid = 0x0100_0000;

    private const uint FutexWait = 0;
    private const uint FutexWake = 1;
    private const uint FutexWaitBitSet = 9;
    private const uint FutexWakeBitSet = 10;
    private const uint FutexPrivate = 128;
    private const uint FutexClockRealTime = 256;

    private const ulong ArchSetFs = 0x1002;
    private const ulong ArchGetFs = 0x1003;

    private const int PrctlSetName = 15;
    private const int PrctlGetName = 16;

    public static long Clone(Thread* parent, ulong flags, ulong stack, int* parentTid, int* childTid, ulong tls)
    {
        // Only threads: there is no second process to make.
        if ((flags & CloneThread) == 0 || stack == 0)
            return Errno.ENoSys;
        if ((flags & CloneParentSetTid) != 0 && !UserMemory.CanWrite((ulong)parentTid, 4))
            return Errno.EFault;
        Thread* child = ThreadTable.Create(isIdle: false);
        if (child == null)
            return Errno.EAgain;
        Cpu.Copy(&child->Frame, &parent->Frame, (ulong)sizeof(TrapFrame));
        child->Frame.Rax = 0;
        child->Frame.Rsp = stack;
        child->FsBase = (flags & CloneSetTls) != 0 ? tls : parent->FsBase;
        child->SignalMask = parent->SignalMask;
        child->Cpu = parent->Cpu;
        child->Affinity = parent->InheritedAffinity;
        child->InheritedAffinity = parent->InheritedAffinity;
        if ((flags & CloneParentSetTid) != 0)
            *parentTid = child->Id;
        if ((flags & CloneChildSetTid) != 0 && UserMemory.CanWrite((ulong)childTid, 4))
            *childTid = child->Id;
        if ((flags & CloneChildClearTid) != 0)
            child->ClearChildTid = childTid;
        Scheduler.MakeReady(child);
        return child->Id;
    }

    public static long FutexCall(Thread* thread, uint* word, uint operation, uint value, ulong* timeout, uint bitSet)
    {
        if (((ulong)word & 3) != 0)
            return Errno.EInval;
        bool realTime = (operation & FutexClockRealTime) != 0;
        uint command = operation & ~(FutexPrivate | FutexClockRealTime);
        switch (command)
        {
            case FutexWait or FutexWaitBitSet:
                if (!UserMemory.CanRead((ulong)word, 4))
                    return Errno.EFault;
                ulong deadline = 0;
                if (timeout != null && !TimeCalls.ReadDeadline(timeout, absolute: command == FutexWaitBitSet, realTime, out deadline))
                    return Errno.EInval;
                return Futex.Wait(thread, word, value, deadline, command == FutexWait ? uint.MaxValue : bitSet);
            case FutexWake or FutexWakeBitSet:
                return Futex.Wake(word, (int)value, command == FutexWake ? uint.MaxValue : bitSet);
            default:
                return Errno.ENoSys;
        }
    }

    public static long Kill(int id, int signal)
    {
        if (signal is < 0 or > Signals.Count)
            return Errno.EInval;
        Thread* target = ThreadTable.FindById(id);
        const long noSuchThread = -3;
        return target == null ? noSuchThread : Signals.Send(target, signal);
    }

    public static long SignalMask(Thread* thread, int how, ulong* set, ulong* old)
    {
        if ((set != null && !UserMemory.CanRead((ulong)set, 8)) || (old != null && !UserMemory.CanWrite((ulong)old, 8)))
            return Errno.EFault;
        if (old != null)
            *old = thread->SignalMask;
        if (set == null)
            return 0;
        switch (how)
        {
            case 0:
                thread->SignalMask |= *set;
                return 0;
            case 1:
                thread->SignalMask &= ~*set;
                return 0;
            case 2:
                thread->SignalMask = *set;
                return 0;
            default:
                return Errno.EInval;
        }
    }

    public static long ArchControl(Thread* thread, ulong code, ulong address)
    {
        switch (code)
        {
            case ArchSetFs:
                thread->FsBase = address;
                Cpu.WriteMsr(Processor.MsrFsBase, address);
                return 0;
            case ArchGetFs:
                if (!UserMemory.CanWrite(address, 8))
                    return Errno.EFault;
                *(ulong*)address = thread->FsBase;
                return 0;
            default:
                return Errno.EInval;
        }
    }

    public static long Control(Thread* thread, int option, ulong argument)
    {
        switch (option)
        {
            case PrctlSetName:
                if (UserMemory.StringLength(argument, 16) < 0 && !UserMemory.CanRead(argument, 16))
                    return Errno.EFault;
                for (int i = 0; i < 15; i++)
                {
                    thread->Name[i] = ((byte*)argument)[i];
                    if (thread->Name[i] == 0)
                        break;
                }

                return 0;
            case PrctlGetName:
                if (!UserMemory.CanWrite(argument, 16))
                    return Errno.EFault;
                Cpu.Copy((void*)argument, thread->Name, 16);
                return 0;
            default:
                return Errno.EInval;
        }
    }

    public static long GetAffinity(Thread* thread, int id, ulong size, ulong mask)
    {
        if (size < 8)
            return Errno.EInval;
        if (!UserMemory.CanWrite(mask, 8))
            return Errno.EFault;
        Thread* target = id == 0 ? thread : ThreadTable.FindById(id);
        ulong online = Smp.OnlineCount >= 64 ? ulong.MaxValue : (1UL << Smp.OnlineCount) - 1;
        *(ulong*)mask = (target == null ? thread : target)->Affinity & online;
        return 8;
    }

    public static long SetAffinity(Thread* thread, int id, ulong size, ulong mask)
    {
        if (size < 8 || !UserMemory.CanRead(mask, 8))
            return Errno.EFault;
        Thread* target = id == 0 ? thread : ThreadTable.FindById(id);
        ulong online = Smp.OnlineCount >= 64 ? ulong.MaxValue : (1UL << Smp.OnlineCount) - 1;
        ulong wanted = *(ulong*)mask & online;
        if (target == null || wanted == 0)
            return Errno.EInval;
        target->Affinity = wanted;
        target->InheritedAffinity = wanted;
        if (target != thread && target->State == ThreadState.Running && (wanted & (1UL << target->Cpu)) == 0)
            Ipi.Send(Smp.Area(target->Cpu), Vectors.Reschedule);
        return 0;
    }

    /// <summary>Sets the running thread's affinity; the scheduler moves it on the way out of the kernel.</summary>
    public static long ExchangeAffinity(Thread* thread, ulong mask, ulong* previous)
    {
        if (previous != null && !UserMemory.CanWrite((ulong)previous, 8))
            return Errno.EFault;
        ulong online = Smp.OnlineCount >= 64 ? ulong.MaxValue : (1UL << Smp.OnlineCount) - 1;
        if ((mask & online) == 0)
            return Errno.EInval;
        if (previous != null)
            *previous = thread->Affinity;
        thread->Affinity = mask;
        return 0;
    }

    public static long GetCpu(uint* cpu, uint* node)
    {
        if (cpu != null && UserMemory.CanWrite((ulong)cpu, 4))
            *cpu = (uint)Cpu.Self()->Index;
        if (node != null && UserMemory.CanWrite((ulong)node, 4))
            *node = 0;
        return 0;
    }
}
