namespace GuestOS.Kernel.Core;

/// <summary>
/// The system calls: those of Linux x86-64 that the runtime and the C library make, and the kernel's own (<see cref="KernelCall"/>).
/// A handler writes its result, or blocks the thread. What is not here answers ENOSYS and is counted. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class SystemCalls
{
    private const int Numbers = 512;
    private const ulong KernelCallFirst = 0x1000;

    private struct Counters
    {
        public fixed byte Missing[Numbers];
    }

    private static Counters s_counters;

    public static ulong Count;

    /// <summary>Calls that answered ENOSYS.</summary>
    public static ulong MissingCount;

    public static void Dispatch(Thread* thread)
    {
        Count++;
        TrapFrame* frame = &thread->Frame;
        ulong number = frame->Rax;
        ulong a0 = frame->Rdi, a1 = frame->Rsi, a2 = frame->Rdx, a3 = frame->R10, a4 = frame->R8, a5 = frame->R9;
        if (number >= KernelCallFirst)
        {
            long answer = KernelCalls.Dispatch(thread, (KernelCall)number, a0, a1, a2, a3, a4);
            if (thread->State is ThreadState.Running or ThreadState.Ready)
                frame->Rax = (ulong)answer;
            return;
        }

        long result = Linux(thread, number, a0, a1, a2, a3, a4, a5);
        // A thread that blocked gets its result from whoever wakes it; one that yielded is ready and gets it now. After
        // rt_sigreturn the whole frame has been replaced.
        if (number != LinuxCall.RtSigreturn && (thread->State is ThreadState.Running or ThreadState.Ready))
            frame->Rax = (ulong)result;
    }

    private static long Linux(Thread* thread, ulong number, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        switch (number)
        {
            case LinuxCall.Read: return FileCalls.Read(thread, (int)a0, a1, a2);
            case LinuxCall.Write: return FileCalls.Write(thread, (int)a0, a1, a2);
            case LinuxCall.Open: return PathCalls.Open(thread, a0, (uint)a1);
            case LinuxCall.OpenAt: return PathCalls.Open(thread, a1, (uint)a2);
            case LinuxCall.Close: return DescriptorCalls.Close(thread, (int)a0);
            case LinuxCall.Stat: return PathCalls.StatusOfPath(thread, a0, a1, 0);
            case LinuxCall.LStat: return PathCalls.StatusOfPath(thread, a0, a1, PathCalls.NoFollow);
            case LinuxCall.FStat: return DescriptorCalls.StatusOfDescriptor(thread, (int)a0, a1);
            case LinuxCall.NewFStatAt: return PathCalls.StatusAt(thread, (int)a0, a1, a2, (uint)a3);
            case LinuxCall.LSeek: return FileCalls.Seek(thread, (int)a0, (long)a1, (int)a2);
            case LinuxCall.PRead64: return FileCalls.ReadAt(thread, (int)a0, a1, a2, a3);
            case LinuxCall.ReadV: return FileCalls.ReadVector(thread, (int)a0, a1, a2);
            case LinuxCall.PReadV: return FileCalls.ReadVectorAt(thread, (int)a0, a1, a2, a3);
            case LinuxCall.WriteV: return FileCalls.WriteVector(thread, (int)a0, a1, a2);
            case LinuxCall.PWrite64: return FileCalls.WriteAt(thread, (int)a0, a1, a2);
            case LinuxCall.Access: return PathCalls.Access(thread, a0, (uint)a1);
            case LinuxCall.FAccessAt: return PathCalls.Access(thread, a1, (uint)a2);
            case LinuxCall.GetDents64: return FileCalls.ReadDirectory(thread, (int)a0, a1, a2);
            case LinuxCall.ReadLink: return PathCalls.ReadLink(thread, a0, a1, a2);
            case LinuxCall.ReadLinkAt: return PathCalls.ReadLink(thread, a1, a2, a3);
            case LinuxCall.Dup: return DescriptorCalls.Duplicate((int)a0);
            case LinuxCall.Dup2: return DescriptorCalls.DuplicateTo(thread, (int)a0, (int)a1);
            case LinuxCall.Dup3: return DescriptorCalls.DuplicateTo(thread, (int)a0, (int)a1);
            case LinuxCall.Fcntl: return DescriptorCalls.Control((int)a0, (uint)a1, a2);
            case LinuxCall.Ioctl: return DescriptorCalls.DeviceControl((int)a0);
            case LinuxCall.Pipe: return PipeCalls.Create(a0);
            case LinuxCall.Pipe2: return PipeCalls.Create(a0);
            case LinuxCall.Poll: return DescriptorCalls.Poll(thread, a0, a1, (int)a2);
            case LinuxCall.FLock: return DescriptorCalls.IsOpen((int)a0) ? 0 : Errno.EBadF;
            case LinuxCall.FAdvise64: return DescriptorCalls.IsOpen((int)a0) ? 0 : Errno.EBadF;
            case LinuxCall.GetCwd: return PathCalls.WorkingDirectory(a0, a1);
            case LinuxCall.MkDir or LinuxCall.RmDir or LinuxCall.Unlink or LinuxCall.Truncate or LinuxCall.Rename or LinuxCall.ChMod:
                return PathCalls.Modify(thread, a0);
            case LinuxCall.MkDirAt or LinuxCall.UnlinkAt or LinuxCall.RenameAt or LinuxCall.UTimeNsAt or LinuxCall.FChModAt or LinuxCall.RenameAt2:
                return PathCalls.Modify(thread, a1);
            case LinuxCall.StatFs: return Errno.ENoEnt;
            case LinuxCall.FTruncate: return DescriptorCalls.IsOpen((int)a0) ? Errno.EInval : Errno.EBadF;
            case LinuxCall.FSync or LinuxCall.FDataSync: return DescriptorCalls.IsOpen((int)a0) ? 0 : Errno.EBadF;

            case LinuxCall.MMap: return MemoryCalls.Map(a0, a1, (uint)a2, (uint)a3, (int)a4);
            case LinuxCall.MProtect: return MemoryCalls.Protect(a0, a1, (uint)a2);
            case LinuxCall.MUnmap: return MemoryCalls.Unmap(a0, a1);
            case LinuxCall.MAdvise: return MemoryCalls.Advise(a0, a1, (int)a2);
            // The C library asks for the break first and falls back to mmap when it does not move.
            case LinuxCall.Brk: return 0;
            case LinuxCall.MemBarrier: return MemoryCalls.Barrier((int)a0);

            case LinuxCall.RtSigaction: return Signals.Action((int)a0, (ulong*)a1, (ulong*)a2);
            case LinuxCall.RtSigprocmask: return ThreadCalls.SignalMask(thread, (int)a0, (ulong*)a1, (ulong*)a2);
            case LinuxCall.RtSigreturn:
                Signals.Return(thread);
                return 0;
            case LinuxCall.TgKill: return ThreadCalls.Kill((int)a1, (int)a2);
            case LinuxCall.TKill: return ThreadCalls.Kill((int)a0, (int)a1);
            case LinuxCall.Kill: return ThreadCalls.Kill(ThreadCalls.ProcessId, (int)a1);
            // The runtime never sets an alternate stack; the C library's thread start may ask what there is.
            case LinuxCall.SigAltStack: return 0;

            case LinuxCall.Clone: return ThreadCalls.Clone(thread, a0, a1, (int*)a2, (int*)a3, a4);
            case LinuxCall.Exit:
                ThreadTable.Exit(thread);
                return 0;
            case LinuxCall.ExitGroup:
                PowerOff.ProgramEnded((int)a0);
                return 0;
            case LinuxCall.Futex: return ThreadCalls.FutexCall(thread, (uint*)a0, (uint)a1, (uint)a2, (ulong*)a3, (uint)a5);
            case LinuxCall.SchedYield:
                Scheduler.YieldToAll(thread);
                return 0;
            case LinuxCall.SetTidAddress:
                thread->ClearChildTid = (int*)a0;
                return thread->Id;
            case LinuxCall.GetTid: return thread->Id;
            case LinuxCall.GetPid: return ThreadCalls.ProcessId;
            case LinuxCall.GetPPid: return 0;
            case LinuxCall.GetUid or LinuxCall.GetEUid or LinuxCall.GetGid or LinuxCall.GetEGid: return 0;
            case LinuxCall.GetSid or LinuxCall.GetPgid: return ThreadCalls.ProcessId;
            case LinuxCall.ArchPrctl: return ThreadCalls.ArchControl(thread, a0, a1);
            case LinuxCall.Prctl: return ThreadCalls.Control(thread, (int)a0, a1);
            case LinuxCall.SchedGetAffinity: return ThreadCalls.GetAffinity(thread, (int)a0, a1, a2);
            case LinuxCall.SchedSetAffinity: return ThreadCalls.SetAffinity(thread, (int)a0, a1, a2);
            case LinuxCall.SchedGetParam or LinuxCall.SchedGetScheduler: return 0;
            case LinuxCall.GetCpu: return ThreadCalls.GetCpu((uint*)a0, (uint*)a1);
            // The C library registers both and goes on without: no robust mutexes are shared here.
            case LinuxCall.SetRobustList: return 0;
            case LinuxCall.GetPriority: return 20;

            case LinuxCall.ClockGetTime: return TimeCalls.GetTime((int)a0, (ulong*)a1);
            case LinuxCall.ClockGetRes: return TimeCalls.GetResolution((ulong*)a1);
            case LinuxCall.GetTimeOfDay: return TimeCalls.GetTimeOfDay((ulong*)a0);
            case LinuxCall.Time: return TimeCalls.Seconds((ulong*)a0);
            case LinuxCall.NanoSleep: return TimeCalls.Sleep(thread, TimeCalls.Monotonic, 0, (ulong*)a0);
            case LinuxCall.ClockNanoSleep: return TimeCalls.Sleep(thread, (int)a0, (int)a1, (ulong*)a2);

            case LinuxCall.GetRandom: return InfoCalls.Random(a0, a1);
            case LinuxCall.Uname: return InfoCalls.SystemName(a0);
            case LinuxCall.SysInfo: return InfoCalls.System(a0);
            case LinuxCall.PrLimit64: return InfoCalls.Limit((int)a1, a3);
            case LinuxCall.GetRLimit: return InfoCalls.Limit((int)a0, a1);
            case LinuxCall.GetRUsage: return InfoCalls.Usage(thread, (int)a0, a1);
        }

        return Missing(number);
    }

    /// <summary>Counts the call; names it in the log the first time.</summary>
    private static long Missing(ulong number)
    {
        MissingCount++;
        if (number < Numbers)
        {
            fixed (byte* missing = s_counters.Missing)
            {
                if (missing[number] != 0)
                    return Errno.ENoSys;
                missing[number] = 1;
            }
        }

        // The C library tries these first and has an older way each: not worth a line.
        if (number is LinuxCall.Rseq or LinuxCall.Clone3 or LinuxCall.Statx or LinuxCall.MRemap or LinuxCall.GetMemPolicy or LinuxCall.FAccessAt2)
            return Errno.ENoSys;
        KernelLog.Begin(KernelLog.Warning);
        KernelLog.Write("syscall: number "u8);
        KernelLog.Dec(number);
        KernelLog.Write(" is not implemented"u8);
        KernelLog.EndLine();
        return Errno.ENoSys;
    }
}
