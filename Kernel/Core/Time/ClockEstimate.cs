namespace GuestOS.Kernel.Core;

/// <summary>
/// What a processor makes of the time between two readings of a clock that is costly to read, by a time-stamp counter that need not be invariant: so
/// only for a short while, and never for anybody who asks for the time.
/// </summary>
internal struct ClockEstimate
{
    /// <summary>A reading serves so long. A counter at twice the calibrated rate is as much ahead then.</summary>
    public const ulong MostNanoseconds = 1_000_000;

    private ulong _tsc;
    private ulong _time;

    /// <summary>Notes a reading.</summary>
    /// <param name="tsc">The counter at that moment.</param>
    /// <param name="time">The time.</param>
    public void Note(ulong tsc, ulong time)
    {
        _tsc = tsc;
        _time = time;
    }

    /// <summary>The time now; false when the last reading is too long ago, or none was noted, or the counter has been set back.</summary>
    /// <param name="tsc">The counter.</param>
    /// <param name="multiplier">Its scale, <see cref="ClockMath.Scale"/>.</param>
    /// <param name="shift">See <paramref name="multiplier"/>.</param>
    /// <param name="now">The time.</param>
    public readonly bool TryGet(ulong tsc, ulong multiplier, int shift, out ulong now)
    {
        ulong counts = tsc - _tsc;
        now = _time;
        if (_time == 0 || counts > uint.MaxValue)
            return false;
        ulong passed = ClockMath.ToNanoseconds(counts, multiplier, shift);
        now = _time + passed;
        return passed <= MostNanoseconds;
    }
}
