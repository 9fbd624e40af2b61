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

    // A host with more work than processors may keep one from its first instruction for seconds, and QEMU's first settings of a virtual
    // processor, which come as late, undo an INIT that was waiting for it (KVM_SET_VCPU_EVENTS): the whole sequence is repeated, each
    // time with twice the patience. 10 s in all, which a processor that is not there costs once.
    private const ulong LeastPatience = 160 * Millisecond;
    private const ulong MostPatience = 5120 * Millisecond;

    /// <summary>
    /// Starts a processor in real mode at <paramref name="page"/> * 4096 and waits, at most about ten seconds, until its code has
    /// made <paramref name="started"/> non-zero. The clock runs. The code must bear to be begun again, as long as it has not done that;
    /// a processor that answers late is the caller's to fend off.
    /// </summary>
    public static bool Start(uint apicId, byte page, uint* started)
    {
        if (Try(apicId, page, started, Hypervisor.Present ? VirtualInitDelay : RealInitDelay, FirstPatience))
            return true;
        for (ulong patience = LeastPatience; patience <= MostPatience; patience *= 2)
        {
            if (Try(apicId, page, started, RealInitDelay, patience))
                return true;
        }

        return false;
    }

    private static bool Try(uint apicId, byte page, uint* started, ulong initDelay, ulong patience)
    {
        LocalApic.SendInit(apicId);
        Clock.Spin(initDelay);

        // An answer to the attempt before this one counts no more: the processor has been reset since.
        Volatile.Write(ref *started, 0);
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
