namespace GuestOS.Kernel.Core;

/// <summary>
/// The one-shot interrupt for the scheduler: each processor's local APIC timer, set to the next moment at which something is due and
/// off while nothing is. Without a local APIC the 8254 ticks. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class TickTimer
{
    private const ulong ShortestNanoseconds = 1_000;

    public static void EnableOnThisProcessor() => LocalApicTimer.Enable(Vectors.Timer, Clock.UsesDeadline);

    /// <summary>Sets this processor's timer to a moment on <see cref="Clock"/>; 0 switches it off.</summary>
    public static void Arm(CpuArea* cpu, ulong deadline, ulong now)
    {
        if (deadline == 0 && Clock.MaximumSleepNanoseconds != ulong.MaxValue)
            deadline = now + Clock.MaximumSleepNanoseconds;
        if (!LocalApic.Present)
        {
            ArmPit(cpu, deadline, now);
            return;
        }

        if (cpu->TimerDeadline == deadline)
            return;
        // A shot that comes too early costs one interrupt; one that need not come at all costs a register write to stop, which is
        // dearer under a hypervisor. So a timer that is set stays set.
        if (deadline == 0 || (cpu->TimerDeadline != 0 && cpu->TimerDeadline <= deadline))
            return;
        cpu->TimerDeadline = deadline;
        ulong delta = deadline <= now ? ShortestNanoseconds : deadline - now;
        if (delta > Clock.MaximumSleepNanoseconds)
            delta = Clock.MaximumSleepNanoseconds;
        if (Clock.UsesDeadline)
            LocalApicTimer.StartDeadline(Clock.ToTscDeadline(now + delta));
        else
            LocalApicTimer.StartCount(Clock.ToApicCount(delta));
    }

    /// <summary>Whether a vector is the 8254's tick, which then has been acknowledged.</summary>
    public static bool Handles(CpuArea* cpu, int vector)
    {
        if (LocalApic.Present || vector != Vectors.Pic)
            return false;
        cpu->TimerCount++;
        cpu->TimerDeadline = 0;
        Pic8259.EndOfInterrupt(0);
        return true;
    }

    private static void ArmPit(CpuArea* cpu, ulong deadline, ulong now)
    {
        if (deadline == 0 || cpu->TimerDeadline == deadline)
            return;
        cpu->TimerDeadline = deadline;
        Pit.StartOneShot(deadline <= now ? ShortestNanoseconds : deadline - now);
        Pic8259.Unmask(0);
    }
}
