namespace GuestOS.Machine.Time;

/// <summary>
/// The machine's time of day: what <see cref="DateTime.UtcNow"/> says. Moving it moves neither timers nor timestamps. Thread-safe.
/// </summary>
public interface IWallClock
{
    /// <summary>Time of day.</summary>
    DateTimeOffset UtcNow { get; }

    /// <summary>What is left of the last <see cref="Slew"/>.</summary>
    TimeSpan SlewRemaining { get; }

    /// <summary>The hypervisor's reference time in units of 100 ns (TLFS: HV_X64_MSR_TIME_REF_COUNT); false where there is none.</summary>
    bool TryReadReferenceTime(out ulong units);

    /// <summary>Moves the clock at once, and ends a slew.</summary>
    /// <param name="by">Forward when positive.</param>
    void Step(TimeSpan by);

    /// <summary>Moves the clock little by little, at most 500 microseconds in a second; takes the place of a slew that is under way.</summary>
    /// <param name="by">Forward when positive.</param>
    void Slew(TimeSpan by);
}
