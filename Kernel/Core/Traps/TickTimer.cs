namespace GuestOS.Kernel.Core;

/// <summary>
/// The one-shot interrupt for the scheduler: each processor's own timer, set to the next moment at which something is due and off while
/// nothing is. Where the clock is Hyper-V's reference time it is a synthetic timer, which counts by the same; else the local APIC's;
/// without a local APIC the 8254 ticks. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class TickTimer
{
    private const ulong ShortestNanoseconds = 1_000;

    /// <summary>A shot that has not come so long after its time will not come.</summary>
    private const ulong LostNanoseconds = 100_000_000;

    /// <summary>Chooses and prepares the calling processor's timer.</summary>
    public static void EnableOnThisProcessor()
    {
        CpuArea* cpu = Cpu.Self();
        cpu->Tick = LocalApic.Present ? Prepare(cpu) : TickSource.Pit;
    }

    /// <summary>Name of a timer for the event log.</summary>
    public static ReadOnlySpan<byte> Word(TickSource source) => source switch
    {
        TickSource.ApicCount => "apic"u8,
        TickSource.TscDeadline => "tsc-deadline"u8,
        TickSource.SyntheticDirect => "stimer-direct"u8,
        TickSource.SyntheticMessage => "stimer-message"u8,
        _ => "pit"u8,
    };

    /// <summary>Sets this processor's timer to a moment on <see cref="Clock"/>; 0 switches it off.</summary>
    public static void Arm(CpuArea* cpu, ulong deadline, ulong now)
    {
        if (deadline == 0 && Clock.MaximumSleepNanoseconds != ulong.MaxValue)
            deadline = now + Clock.MaximumSleepNanoseconds;
        if (IsLost(cpu->TimerDeadline, now))
        {
            // To wait for it would be to wait forever.
            cpu->TimerDeadline = 0;
            cpu->LostTimers++;
        }

        if (cpu->Tick == TickSource.Pit)
        {
            ArmPit(cpu, deadline, now);
            return;
        }

        if (cpu->TickGeneration != ReferenceClock.Generation)
        {
            // The clock has leapt: what is set would come too late.
            cpu->TickGeneration = ReferenceClock.Generation;
            cpu->TimerDeadline = 0;
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
        switch (cpu->Tick)
        {
            case TickSource.SyntheticDirect or TickSource.SyntheticMessage:
                SyntheticTimer.Start(ReferenceClock.ToReferenceTime(now + delta));
                break;
            case TickSource.TscDeadline:
                LocalApicTimer.StartDeadline(Clock.ToTscDeadline(now + delta));
                break;
            default:
                LocalApicTimer.StartCount(Clock.ToApicCount(delta));
                break;
        }
    }

    /// <summary>Whether a shot has got lost on its way: one that is only late comes with the next moment at which interrupts are allowed. Pure.</summary>
    /// <param name="armed">What the timer was set to; 0 when it was not.</param>
    /// <param name="now">The time.</param>
    public static bool IsLost(ulong armed, ulong now) => armed != 0 && now > armed && now - armed >= LostNanoseconds;

    /// <summary>The timer's vector has come.</summary>
    public static void Expire(CpuArea* cpu)
    {
        cpu->TimerCount++;
        cpu->TimerDeadline = 0;
        if (cpu->Tick == TickSource.SyntheticMessage)
        {
            SyntheticTimer.TakeMessage(cpu);
            if ((cpu->HyperV.Active & HypervisorUses.AutoEoi) != 0)
                return;
        }

        LocalApic.EndOfInterrupt();
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

    private static TickSource Prepare(CpuArea* cpu)
    {
        if (Clock.Source == ClockSource.HyperV && HyperV.Has(HypervisorUses.SyntheticTimer))
        {
            if (HyperV.Has(HypervisorUses.DirectTimer) && Start(cpu, direct: true))
                return TickSource.SyntheticDirect;
            if ((cpu->HyperV.Active & HypervisorUses.SynIc) != 0 && Start(cpu, direct: false))
                return TickSource.SyntheticMessage;
        }

        LocalApicTimer.Enable(Vectors.Timer, Clock.UsesDeadline);
        return Clock.UsesDeadline ? TickSource.TscDeadline : TickSource.ApicCount;
    }

    private static bool Start(CpuArea* cpu, bool direct)
    {
        bool autoEoi = !direct && HyperV.Has(HypervisorUses.AutoEoi);
        if (!SyntheticTimer.Enable(direct, Vectors.Timer, autoEoi))
        {
            cpu->HyperV.Refused |= direct ? HypervisorUses.DirectTimer : HypervisorUses.SyntheticTimer;
            return false;
        }

        cpu->HyperV.Active |= HypervisorUses.SyntheticTimer | (direct ? HypervisorUses.DirectTimer : 0) | (autoEoi ? HypervisorUses.AutoEoi : 0);
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
