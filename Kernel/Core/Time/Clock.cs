using System.Runtime;

namespace GuestOS.Kernel.Core;

/// <summary>
/// The kernel's clock: nanoseconds since kernel entry, never going back. Kept by Hyper-V's reference TSC page, else by the time-stamp
/// counter where it is invariant, by Hyper-V's reference counter, the HPET, the PM timer, and, where there is none of them, by the
/// time-stamp counter as it is. Page and time-stamp counter are read without a lock, and by threads without entering the kernel
/// (boot/entry/clock.asm).
/// </summary>
internal static unsafe class Clock
{
    /// <summary>What keeps the time.</summary>
    public static ClockSource Source;

    /// <summary>Longest time that may pass between two calls of <see cref="NowNanoseconds"/> (some counters wrap): no idle processor sleeps longer.</summary>
    public static ulong MaximumSleepNanoseconds;

    /// <summary>True when timers are armed with <see cref="LocalApicTimer.StartDeadline"/> and <see cref="ToTscDeadline"/>, not by counts.</summary>
    public static bool UsesDeadline;

    private static ulong s_multiplier;
    private static int s_shift;
    private static ulong s_origin;
    private static ulong s_originNanoseconds;
    private static ulong s_narrowMask;
    private static ulong s_extended;
    private static ulong s_tscMultiplier;
    private static int s_tscShift;

    /// <summary>Name of the source for the log.</summary>
    public static ReadOnlySpan<byte> SourceName => Source switch
    {
        ClockSource.Tsc => TscCalibration.IsInvariant ? "tsc"u8 : "tsc (not invariant)"u8,
        ClockSource.Hpet => "hpet"u8,
        ClockSource.AcpiPm => "acpi-pm"u8,
        ClockSource.HyperV => IsByPage ? "hyper-v reference tsc page"u8 : "hyper-v reference counter"u8,
        _ => "none"u8,
    };

    /// <summary>Name of the source for the event log.</summary>
    public static ReadOnlySpan<byte> SourceWord => Source switch
    {
        ClockSource.Tsc => "tsc"u8,
        ClockSource.Hpet => "hpet"u8,
        ClockSource.AcpiPm => "acpi-pm"u8,
        ClockSource.HyperV => IsByPage ? "tsc-page"u8 : "counter"u8,
        _ => "none"u8,
    };

    /// <summary>Whether threads read it without entering the kernel.</summary>
    public static bool IsReadByThreads => Source is ClockSource.Tsc or ClockSource.HyperV;

    /// <summary>Unix time in nanoseconds at kernel entry; 0 where the machine has no clock that holds a time.</summary>
    public static ulong BootWallClockNanoseconds
    {
        get => Link.ClockData()->WallClock;
        set => Link.ClockData()->WallClock = value;
    }

    /// <summary>Whether a reading leaves the processor.</summary>
    private static bool IsCostly => Source is ClockSource.Hpet or ClockSource.AcpiPm || (Source == ClockSource.HyperV && !IsByPage);

    private static bool IsByPage => (Link.ClockData()->Version & 1) == 0;

    /// <summary>
    /// Finds the sources, calibrates and starts the clock. On the first processor, once, with interrupts off, after
    /// <see cref="AcpiTables.Load"/>, <see cref="HyperV.Initialize"/> and <see cref="LocalApic.Enable"/>, and with the HPET's registers mapped.
    /// </summary>
    /// <param name="entryTsc">The time-stamp counter at kernel entry: time 0.</param>
    public static void Init(ulong entryTsc)
    {
        Hpet.Init(AcpiTables.HpetAddress);
        PmTimer.Init(Hypervisor.Present);
        ReferenceTscPage.Init();
        TscCalibration.Run();

        ulong frequency = Choose();
        ClockMath.Scale(TscCalibration.TscFrequency, out s_tscMultiplier, out s_tscShift);
        s_originNanoseconds = ClockMath.ToNanoseconds(Cpu.ReadTsc() - entryTsc, s_tscMultiplier, s_tscShift);
        s_origin = entryTsc;
        switch (Source)
        {
            case ClockSource.Tsc:
                PublishTsc(entryTsc);
                break;
            case ClockSource.HyperV:
                ReferenceClock.Start(s_originNanoseconds);
                break;
            default:
                ClockMath.Scale(frequency, out s_multiplier, out s_shift);
                // Firmware may have started it long ago.
                s_extended = ReadRaw();
                s_origin = s_extended;
                break;
        }

        UsesDeadline = Source == ClockSource.Tsc && LocalApic.Present && LocalApic.TscDeadline;

        ulong now = NowNanoseconds();
        BootWallClockNanoseconds = Rtc.TryRead(out ulong wall) && wall > now ? wall - now : 0;
    }

    /// <summary>Nanoseconds since kernel entry. From any processor, with or without locks, with interrupts off.</summary>
    public static ulong NowNanoseconds() => Cpu.ReadClock();

    /// <summary>The time when the fast path has none (boot/entry/clock.asm).</summary>
    [RuntimeExport("kernel_clock_slow")]
    public static ulong Slow()
    {
        switch (Source)
        {
            case ClockSource.HyperV:
                return ReferenceClock.Read();
            case ClockSource.Hpet or ClockSource.AcpiPm:
                return s_originNanoseconds + ClockMath.ToNanoseconds(ReadCounter() - s_origin, s_multiplier, s_shift);
            default:
                // Before the clock runs; or on a processor whose counter is a little behind the first one's, which must not see the far future.
                return 0;
        }
    }

    /// <summary>
    /// The same for the scheduler, on every way out of the kernel. Where the clock is behind a bus or a hypervisor, a reading costs more than most of
    /// what the kernel is entered for; there a processor reads it once in a millisecond and goes by its time-stamp counter in between.
    /// LOCKING: the kernel lock.
    /// </summary>
    /// <param name="cpu">The calling processor.</param>
    /// <param name="isExact">Read it at any cost: a moment is waited for, or the processor has slept, and its counter perhaps with it.</param>
    public static ulong ForScheduler(CpuArea* cpu, bool isExact)
    {
        if (!IsCostly)
            return NowNanoseconds();
        if (!isExact && cpu->Estimate.TryGet(Cpu.ReadTsc(), s_tscMultiplier, s_tscShift, out ulong now))
            return now;
        now = NowNanoseconds();
        cpu->Estimate.Note(Cpu.ReadTsc(), now);
        return now;
    }

    /// <summary>Unix time in nanoseconds; seconds since boot where the machine has no clock that holds a time.</summary>
    public static ulong WallClockNanoseconds() => BootWallClockNanoseconds + NowNanoseconds();

    /// <summary>Moves the time of day; it stops at 1970 rather than go below. LOCKING: the kernel lock.</summary>
    public static void MoveWallClock(long nanoseconds)
    {
        ulong old = BootWallClockNanoseconds;
        ulong moved = old + (ulong)nanoseconds;
        if (nanoseconds < 0 && moved > old)
            moved = 0;
        BootWallClockNanoseconds = moved;
    }

    /// <summary>Value of the time-stamp counter at a time of this clock, rounded up; only while <see cref="UsesDeadline"/>.</summary>
    public static ulong ToTscDeadline(ulong nanoseconds)
    {
        ulong counts = ClockMath.ToCounts(nanoseconds, TscCalibration.TscFrequency);
        ulong deadline = s_origin + counts;
        return deadline < counts ? ulong.MaxValue : deadline;
    }

    /// <summary>Counts of the local APIC timer for a time span: at least 1, at most what its 32 bits hold. The caller rearms when it fires early.</summary>
    public static uint ToApicCount(ulong nanoseconds)
    {
        ulong counts = ClockMath.ToCounts(nanoseconds, TscCalibration.ApicFrequency / LocalApicTimer.Divider);
        if (counts == 0)
            return 1;
        return counts > uint.MaxValue ? uint.MaxValue : (uint)counts;
    }

    /// <summary>Busy-waits.</summary>
    public static void Spin(ulong nanoseconds)
    {
        ulong start = NowNanoseconds();
        while (NowNanoseconds() - start < nanoseconds)
            Cpu.Pause();
    }

    private static ulong Choose()
    {
        MaximumSleepNanoseconds = ulong.MaxValue;
        // The page costs as little as the bare counter, follows the host when it moves or stops the machine, and is what timers count by.
        if (ReferenceTscPage.Present && ReferenceClock.IsPageGood())
        {
            Source = ClockSource.HyperV;
            return ReferenceTscPage.Frequency;
        }

        if (TscCalibration.IsInvariant)
        {
            Source = ClockSource.Tsc;
            return TscCalibration.TscFrequency;
        }

        if (ReferenceTscPage.Present)
        {
            Source = ClockSource.HyperV;
            return ReferenceTscPage.Frequency;
        }

        if (Hpet.Frequency != 0)
        {
            Source = ClockSource.Hpet;
            s_narrowMask = uint.MaxValue;
            LimitSleep(Hpet.Frequency);
            return Hpet.Frequency;
        }

        if (PmTimer.Mask != 0)
        {
            Source = ClockSource.AcpiPm;
            s_narrowMask = PmTimer.Mask;
            LimitSleep(PmTimer.Frequency);
            return PmTimer.Frequency;
        }

        Source = ClockSource.Tsc;
        return TscCalibration.TscFrequency;
    }

    // A quarter of the period leaves a late timer interrupt as much again before the wrap is missed.
    private static void LimitSleep(ulong frequency) => MaximumSleepNanoseconds = s_narrowMask / 4 * ClockMath.NanosecondsPerSecond / frequency;

    private static void PublishTsc(ulong entryTsc)
    {
        ClockData* data = Link.ClockData();
        data->Sequence = &data->Expected;
        data->TscBase = entryTsc;
        data->Base = 0;
        data->Multiplier = s_tscMultiplier;
        data->Shift = s_tscShift;
        data->LeapLimit = ulong.MaxValue;
        Volatile.Write(ref data->Version, 2);
    }

    private static ulong ReadCounter() => ClockMath.Extend(ref s_extended, ReadRaw(), s_narrowMask);

    private static ulong ReadRaw() => Source == ClockSource.AcpiPm ? PmTimer.Read() : Hpet.ReadLow();
}
