namespace GuestOS.Kernel.Core;

/// <summary>Clocks and sleeping. Times are Linux timespecs: seconds and nanoseconds, 8 bytes each. LOCKING: the kernel lock.</summary>
internal static unsafe class TimeCalls
{
    public const int RealTime = 0;
    public const int Monotonic = 1;
    public const int ProcessCpuTime = 2;
    public const int ThreadCpuTime = 3;
    private const int RealTimeCoarse = 5;

    private const int AbsoluteTime = 1;
    private const ulong Second = 1_000_000_000;

    /// <summary>
    /// The most frequent call, where the clock's fast path (boot/entry/clock.asm) has no answer; the slow one needs no kernel lock either.
    /// Page
    /// tables may change meanwhile only if the caller unmaps the very memory that it passes.
    /// </summary>
    public static bool TryGetTimeWithoutLock(TrapFrame* frame)
    {
        if (frame->Rax != LinuxCall.ClockGetTime || (int)frame->Rdi is ProcessCpuTime or ThreadCpuTime || !Clock.IsReadByThreads)
            return false;
        ulong address = frame->Rsi;
        if (address < AddressSpace.Base || (address & 7) != 0 || (address & Page.Mask) > Page.Size - 16 || !PageTables.IsWritable(address))
            return false;
        ulong now = Clock.NowNanoseconds() + ((int)frame->Rdi is RealTime or RealTimeCoarse ? Clock.BootWallClockNanoseconds : 0);
        ((ulong*)address)[0] = now / Second;
        ((ulong*)address)[1] = now % Second;
        frame->Rax = 0;
        return true;
    }

    public static long GetTime(int clock, ulong* time)
    {
        if (!UserMemory.CanWrite((ulong)time, 16))
            return Errno.EFault;
        ulong now = clock switch
        {
            RealTime or RealTimeCoarse => Clock.NowNanoseconds() + Clock.BootWallClockNanoseconds,
            ProcessCpuTime => ProcessTime(),
            ThreadCpuTime => Scheduler.RunTimeOf(Cpu.Self()->Current, Clock.NowNanoseconds()),
            _ => Clock.NowNanoseconds(),
        };
        time[0] = now / Second;
        time[1] = now % Second;
        return 0;
    }

    public static long GetResolution(ulong* time)
    {
        if (time == null)
            return 0;
        if (!UserMemory.CanWrite((ulong)time, 16))
            return Errno.EFault;
        time[0] = 0;
        time[1] = 1;
        return 0;
    }

    public static long GetTimeOfDay(ulong* time)
    {
        if (!UserMemory.CanWrite((ulong)time, 16))
            return Errno.EFault;
        ulong now = Clock.NowNanoseconds() + Clock.BootWallClockNanoseconds;
        time[0] = now / Second;
        time[1] = now % Second / 1000;
        return 0;
    }

    public static long Seconds(ulong* time)
    {
        ulong now = (Clock.NowNanoseconds() + Clock.BootWallClockNanoseconds) / Second;
        if (time != null && UserMemory.CanWrite((ulong)time, 8))
            *time = now;
        return (long)now;
    }

    public static long Sleep(Thread* thread, int clock, int flags, ulong* time)
    {
        if (!ReadDeadline(time, (flags & AbsoluteTime) != 0, clock == RealTime, out ulong deadline))
            return Errno.EInval;
        if (deadline <= Clock.NowNanoseconds())
            return 0;
        Scheduler.Block(thread, WaitKind.Sleep, null, deadline);
        return 0;
    }

    /// <summary>Turns a timespec into a moment on <see cref="Clock"/>, never 0.</summary>
    public static bool ReadDeadline(ulong* time, bool absolute, bool realTime, out ulong deadline)
    {
        deadline = 0;
        if (!UserMemory.CanRead((ulong)time, 16) || time[1] >= Second || (long)time[0] < 0)
            return false;
        const ulong farAway = 100UL * 365 * 24 * 3600;
        ulong seconds = time[0] > farAway ? farAway : time[0];
        deadline = (seconds * Second) + time[1];
        if (!absolute)
            deadline += Clock.NowNanoseconds();
        else if (realTime)
            deadline = deadline > Clock.BootWallClockNanoseconds ? deadline - Clock.BootWallClockNanoseconds : 1;
        if (deadline == 0)
            deadline = 1;
        return true;
    }

    private static ulong ProcessTime()
    {
        ulong now = Clock.NowNanoseconds();
        ulong total = 0;
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            CpuArea* cpu = Smp.Area(i);
            ulong idle = cpu->IdleNanoseconds + (cpu->IsIdle != 0 && now > cpu->IdleSince ? now - cpu->IdleSince : 0);
            total += now > idle ? now - idle : 0;
        }

        return total;
    }
}
