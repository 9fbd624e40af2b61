namespace GuestOS.Kernel.Core;

/// <summary>
/// The one-shot interrupt for the scheduler: each processor's local APIC timer, set to the next moment at which something is due and
/// off while nothing is. Without a local APIC the 8254 ticks. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class TickTimer
{
    /// <summary>A later moment would overflow the counter; an early interrupt just sets it again.</summary>
    private const ulong LongestNanoseconds = 30_000_000_000;

    private const ulong ShortestNanoseconds = 1_000;

    public static void EnableOnThisProcessor() => LocalApicTimer.Enable(Vectors.Timer, UsesDeadline);

    private static bool UsesDeadline => LocalApic.TscDeadline && Clock.Source == ClockSource.Tsc;

    /// <summary>Sets this processor's timer to a moment on <see cref="Clock"/>; 0 switches it off.</summary>
    public static void Arm(CpuArea* cpu, ulong deadline, ulong now)
    {
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
        if (delta > LongestNanoseconds)
            delta = LongestNanoseconds;
        if (UsesDeadline)
            LocalApicTimer.StartDeadline(Clock.TscAt(now + delta));
        else
            LocalApicTimer.StartCount(Clock.LocalApicCount(delta));
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
