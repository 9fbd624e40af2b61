namespace GuestOS.Kernel.Core;

/// <summary>
/// The kernel's time kept by Hyper-V's reference time: publishes what the page says for the fast path, and answers when that cannot. Time
/// never goes back, whatever the host does: where page or counter would, they are moved forward. LOCKING: its own lock, interrupts off.
/// </summary>
internal static unsafe class ReferenceClock
{
    private const ulong NanosecondsPerUnit = 100;

    // Readings further apart are compared with the counter: a processor that has slept pays one more trap, and a page that has
    // become wrong while the machine was stopped is found out at once.
    private const ulong LeapLimit = 50_000_000;

    // A correction above makes timers that are armed come noticeably late.
    private const ulong NoticeableCorrection = 1_000_000;

    // The holder does not wait for anything; one that never comes back was stopped for good.
    private const int LockTries = 10_000_000;

    private static int s_lock;
    private static ulong s_offset;
    private static uint s_staleSequence;

    /// <summary>Readings by register because the page was not valid, changed all the time, or disagreed with the register.</summary>
    public static ulong Fallbacks;

    /// <summary>Times that a new content of the page was taken over.</summary>
    public static ulong Changes;

    /// <summary>Pages found that disagreed with the register.</summary>
    public static ulong StalePages;

    /// <summary>Times that the reference time would have gone back, and by how much altogether.</summary>
    public static ulong Corrections, CorrectedNanoseconds;

    /// <summary>Changes when armed timers must be set anew.</summary>
    public static uint Generation;

    /// <summary>Whether the page can keep the time now: valid, and in agreement with the counter.</summary>
    public static bool IsPageGood() => TryReadPage(out _, out _, out _, out _);

    /// <summary>Starts with the present moment as this time.</summary>
    public static void Start(ulong nanoseconds)
    {
        s_offset = nanoseconds - (ReferenceTscPage.ReadCounter() * NanosecondsPerUnit);
        Update(Cpu.Self());
    }

    /// <summary>A time of the kernel's clock as reference time, rounded up.</summary>
    public static ulong ToReferenceTime(ulong nanoseconds) =>
        (nanoseconds - Volatile.Read(ref s_offset) + NanosecondsPerUnit - 1) / NanosecondsPerUnit;

    /// <summary>The time, when the fast path has none.</summary>
    public static ulong Read()
    {
        for (int i = 0; i < LockTries && Interlocked.Exchange(ref s_lock, 1) != 0; i++)
            Cpu.Pause();
        ulong time = Update(Cpu.Self());
        Volatile.Write(ref s_lock, 0);
        return time;
    }

    private static ulong Update(CpuArea* self)
    {
        ClockData* data = Link.ClockData();
        // Before the time is read: what others are given meanwhile is later, and no reason for a correction.
        ulong floor = LargestGiven();
        bool isGood = TryReadPage(out ReferenceReading reading, out ulong counter, out ulong multiplier, out int shift);
        ulong time = (isGood ? reading.Nanoseconds : counter * NanosecondsPerUnit) + s_offset;
        if (isGood && (data->Version & 1) == 0 && data->Expected == reading.Sequence)
        {
            // Nothing has changed: a long sleep, or a time-stamp counter that is behind what this processor has shown.
            if ((long)(time - self->ClockKernel) < 0)
                time = self->ClockKernel;
            if ((long)(time - self->ClockUser) < 0)
                time = self->ClockUser;
        }
        else
        {
            if ((long)(time - floor) < 0)
            {
                Correct(floor - time);
                time = floor;
            }

            if (isGood)
                Publish(data, in reading, time, multiplier, shift);
            else
                Volatile.Write(ref data->Version, data->Version | 1);
        }

        if (!isGood)
            Fallbacks++;
        self->ClockKernel = time;
        return time;
    }

    /// <summary>Reads page, counter and page again; true when they agree.</summary>
    private static bool TryReadPage(out ReferenceReading reading, out ulong counter, out ulong multiplier, out int shift)
    {
        byte* page = (byte*)ReferenceTscPage.PageAddress;
        multiplier = 0;
        shift = 0;
        reading = default;
        bool isValid = ReferenceTscPage.TryRead(page, &Cpu.ReadTsc, out ReferenceReading before);
        counter = ReferenceTscPage.ReadCounter();
        if (!isValid || !ReferenceTscPage.TryRead(page, &Cpu.ReadTsc, out reading) || reading.Sequence != before.Sequence)
            return false;
        if (ReferenceReading.Agrees(before.Units, counter, reading.Units))
            return reading.TryScale(out multiplier, out shift);
        if (s_staleSequence != reading.Sequence)
        {
            s_staleSequence = reading.Sequence;
            StalePages++;
            // KVM renews the page when the first virtual processor enters the guest, which may be asleep.
            if (Smp.OnlineCount > 1)
                LocalApic.SendIpiAllButSelf(Vectors.Reschedule);
        }

        return false;
    }

    private static void Publish(ClockData* data, in ReferenceReading reading, ulong time, ulong multiplier, int shift)
    {
        uint version = data->Version | 1;
        Volatile.Write(ref data->Version, version);
        data->Expected = reading.Sequence;
        data->Sequence = (uint*)ReferenceTscPage.PageAddress;
        data->TscBase = reading.Tsc;
        data->Base = time;
        data->Multiplier = multiplier;
        data->Shift = shift;
        data->LeapLimit = LeapLimit;
        Volatile.Write(ref data->Version, version + 1);
        Changes++;
    }

    private static void Correct(ulong nanoseconds)
    {
        Volatile.Write(ref s_offset, s_offset + nanoseconds);
        Corrections++;
        CorrectedNanoseconds += nanoseconds;
        if (nanoseconds < NoticeableCorrection)
            return;
        Generation++;
        if (Smp.OnlineCount > 1)
            LocalApic.SendIpiAllButSelf(Vectors.Reschedule);
    }

    private static ulong LargestGiven()
    {
        ulong largest = 0;
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            CpuArea* cpu = Smp.Area(i);
            ulong kernel = Volatile.Read(ref cpu->ClockKernel);
            ulong user = Volatile.Read(ref cpu->ClockUser);
            largest = kernel > largest ? kernel : largest;
            largest = user > largest ? user : largest;
        }

        return largest;
    }
}
