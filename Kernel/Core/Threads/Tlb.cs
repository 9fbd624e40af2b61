namespace GuestOS.Kernel.Core;

/// <summary>
/// Makes every processor drop its cached translations. Idle processors touch nothing that could be stale and flush when they come out of
/// it; those that run threads are flushed by the hypervisor where it recommends that, else interrupted and waited for.
/// LOCKING: the kernel lock.
/// </summary>
internal static unsafe class Tlb
{
    /// <summary>A processor that has not answered for so long is asked once more: its interrupt may have got lost, and all would wait for it forever.</summary>
    private const ulong PatienceMilliseconds = 100;

    /// <summary>
    /// One that has been asked so often in vain has stopped. Requests are counted, not time: a machine that its host halts for a while goes on as if
    /// nothing had been.
    /// </summary>
    private const int MostRequests = 100;

    /// <summary>Times that other processors had to flush.</summary>
    public static ulong ShootdownCount;

    /// <summary>Times that a processor had to be asked once more.</summary>
    public static ulong RepeatCount;

    /// <summary>Set when the hypervisor takes flushes.</summary>
    public static bool UsesHypercall;

    /// <summary>Flushes everywhere.</summary>
    public static void FlushAll()
    {
        Cpu.WriteCr3(PageTables.Root);
        ulong busy = RequestOfIdle();
        if (busy == 0)
            return;
        ShootdownCount++;
        if (UsesHypercall)
        {
            if (ProcessorCalls.TryFlush(busy))
                return;
            UsesHypercall = false;
            HyperV.Drop(HypervisorUses.Flush);
        }

        Interrupt(busy);
    }

    /// <summary>
    /// Flushes everywhere and makes every processor that runs a thread pass a memory barrier. Never by hypercall: that promises
    /// translations only.
    /// </summary>
    public static void Barrier()
    {
        Cpu.WriteCr3(PageTables.Root);
        ulong busy = RequestOfIdle();
        if (busy == 0)
            return;
        ShootdownCount++;
        Interrupt(busy);
    }

    /// <summary>Obeys a request of another processor; called at every entry and while waiting for the lock.</summary>
    public static void Poll(CpuArea* self)
    {
        if (Volatile.Read(ref self->FlushRequested) == 0)
            return;
        Volatile.Write(ref self->FlushRequested, 0);
        Cpu.WriteCr3(PageTables.Root);
    }

    /// <summary>Asks the idle processors to flush later; the set of the others.</summary>
    private static ulong RequestOfIdle()
    {
        int count = Smp.OnlineCount;
        CpuArea* self = Cpu.Self();
        ulong busy = 0;
        for (int i = 0; i < count; i++)
        {
            CpuArea* other = Smp.Area(i);
            if (other == self)
                continue;
            if (Volatile.Read(ref other->IsIdle) != 0)
                Volatile.Write(ref other->FlushRequested, 1);
            else
                busy |= 1UL << i;
        }

        return busy;
    }

    private static void Interrupt(ulong busy)
    {
        int count = Smp.OnlineCount;
        for (int i = 0; i < count; i++)
        {
            if ((busy & (1UL << i)) != 0)
                Volatile.Write(ref Smp.Area(i)->FlushRequested, 1);
        }

        Ipi.Send(busy, Vectors.Reschedule);
        for (int i = 0; i < count; i++)
        {
            if ((busy & (1UL << i)) != 0)
                AwaitAnswer(Smp.Area(i));
        }
    }

    private static void AwaitAnswer(CpuArea* other)
    {
        ulong asked = Cpu.ReadTsc();
        int requests = 1;
        while (Volatile.Read(ref other->FlushRequested) != 0)
        {
            if (Panic.IsStopping)
                Panic.StopThisProcessor();
            Cpu.Pause();
            ulong now = Cpu.ReadTsc();
            if (!IsRepeatDue(asked, now, TscCalibration.TscFrequency))
                continue;
            if (requests++ == MostRequests)
                Panic.SilentProcessor(other->Index);
            asked = now;
            RepeatCount++;
            Ipi.Send(other, Vectors.Reschedule);
        }
    }

    /// <summary>Whether a processor that was asked and is silent is asked once more. Pure.</summary>
    /// <param name="asked">The time-stamp counter when it was asked last: a clock may cost an exit to a hypervisor.</param>
    /// <param name="now">The counter.</param>
    /// <param name="frequency">Its counts in a second.</param>
    public static bool IsRepeatDue(ulong asked, ulong now, ulong frequency) => now > asked && now - asked >= frequency / 1000 * PatienceMilliseconds;
}
