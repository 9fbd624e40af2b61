namespace GuestOS.Kernel.Core;

/// <summary>
/// Makes every processor drop its cached translations (and pass a memory barrier). Processors that run threads are interrupted and
/// waited for; idle ones touch nothing that could be stale and flush when they come out of it. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class Tlb
{
    public static ulong ShootdownCount;

    public static void FlushAll()
    {
        Cpu.WriteCr3(PageTables.Root);
        int count = Smp.OnlineCount;
        if (count == 1)
            return;
        CpuArea* self = Cpu.Self();
        bool waits = false;
        for (int i = 0; i < count; i++)
        {
            CpuArea* other = Smp.Area(i);
            if (other == self)
                continue;
            Volatile.Write(ref other->FlushRequested, 1);
            if (other->IsIdle == 0)
            {
                LocalApic.SendIpi(other->ApicId, Vectors.Reschedule);
                waits = true;
            }
        }

        if (!waits)
            return;
        ShootdownCount++;
        for (int i = 0; i < count; i++)
        {
            CpuArea* other = Smp.Area(i);
            while (other != self && other->IsIdle == 0 && Volatile.Read(ref other->FlushRequested) != 0)
                Cpu.Pause();
        }
    }

    /// <summary>Obeys a request of another processor; called at every entry and while waiting for the lock.</summary>
    public static void Poll(CpuArea* self)
    {
        if (Volatile.Read(ref self->FlushRequested) == 0)
            return;
        Volatile.Write(ref self->FlushRequested, 0);
        Cpu.WriteCr3(PageTables.Root);
    }
}
