namespace GuestOS.Kernel.Core;

/// <summary>
/// Makes every processor drop its cached translations. Idle processors touch nothing that could be stale and flush when they come out of
/// it; those that run threads are flushed by the hypervisor where it recommends that, else interrupted and waited for.
/// LOCKING: the kernel lock.
/// </summary>
internal static unsafe class Tlb
{
    /// <summary>Times that other processors had to flush.</summary>
    public static ulong ShootdownCount;

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
            CpuArea* other = Smp.Area(i);
            while ((busy & (1UL << i)) != 0 && Volatile.Read(ref other->FlushRequested) != 0)
                Cpu.Pause();
        }
    }
}
