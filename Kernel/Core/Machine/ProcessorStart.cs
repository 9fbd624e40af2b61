namespace GuestOS.Kernel.Core;

/// <summary>Starts another processor by INIT and start-up interrupts (Intel SDM 3A, 9.4.4.1; MultiProcessor specification 1.4, B.4).</summary>
internal static unsafe class ProcessorStart
{
    private const ulong Microsecond = 1000;
    private const ulong Millisecond = 1000 * Microsecond;

    // The specification's 10 ms are for a processor that really resets; a virtual one is ready as soon as it is scheduled.
    private const ulong RealInitDelay = 10 * Millisecond;
    private const ulong VirtualInitDelay = 200 * Microsecond;
    private const ulong StartupDelay = 200 * Microsecond;
    private const ulong FirstPatience = 20 * Millisecond;
    // A host with more work than processors may keep one from its first instruction for seconds; one that is not there costs this once.
    private const ulong SecondPatience = 10_000 * Millisecond;

    /// <summary>
    /// Starts a processor in real mode at <paramref name="page"/> * 4096 and waits, at most about ten seconds, until its code has
    /// made <paramref name="started"/> non-zero. The clock runs. A processor that answers late is the caller's to fend off.
    /// </summary>
    public static bool Start(uint apicId, byte page, uint* started)
    {
        ulong delay = Hypervisor.Present ? VirtualInitDelay : RealInitDelay;
        return Try(apicId, page, started, delay, FirstPatience) || Try(apicId, page, started, RealInitDelay, SecondPatience);
    }

    private static bool Try(uint apicId, byte page, uint* started, ulong initDelay, ulong patience)
    {
        LocalApic.SendInit(apicId);
        Clock.Spin(initDelay);
        LocalApic.SendStartup(apicId, page);
        if (WaitFor(started, StartupDelay))
            return true;
        LocalApic.SendStartup(apicId, page);
        return WaitFor(started, patience);
    }

    private static bool WaitFor(uint* started, ulong patience)
    {
        ulong start = Clock.NowNanoseconds();
        while (Volatile.Read(ref *started) == 0)
        {
            if (Clock.NowNanoseconds() - start > patience)
                return Volatile.Read(ref *started) != 0;
            Cpu.Pause();
        }

        return true;
    }
}
