namespace GuestOS.Kernel.Core;

/// <summary>One reading of the reference TSC page, with the time-stamp counter that belongs to it. Pure.</summary>
internal struct ReferenceReading
{
    private const ulong NanosecondsPerUnit = 100;

    /// <summary>Never 0.</summary>
    public uint Sequence;

    /// <summary>1/2^64 units of 100 ns in a count.</summary>
    public ulong Scale;

    /// <summary>Units of 100 ns, signed; only sums of it matter, so it wraps.</summary>
    public ulong Offset;

    /// <summary>The time-stamp counter between the two looks at the sequence.</summary>
    public ulong Tsc;

    /// <summary>The reference time in units of 100 ns: upper half of counter times scale, plus offset.</summary>
    public readonly ulong Units => ClockMath.MultiplyHigh(Tsc, Scale) + Offset;

    /// <summary>The reference time in nanoseconds; the fraction of a unit is not thrown away.</summary>
    public readonly ulong Nanoseconds =>
        (Units * NanosecondsPerUnit) + ClockMath.MultiplyHigh(unchecked(Tsc * Scale), NanosecondsPerUnit);

    /// <summary>
    /// The scale in nanoseconds: ns = counts * multiplier / 2^shift as 128 bits, with a relative error below 2^-56. False for a scale of 0.
    /// </summary>
    public readonly bool TryScale(out ulong multiplier, out int shift)
    {
        ulong high = ClockMath.MultiplyHigh(Scale, NanosecondsPerUnit);
        ulong low = unchecked(Scale * NanosecondsPerUnit);
        // At least one bit goes, so that the shift is below 64.
        shift = 63;
        multiplier = (low >> 1) | (high << 63);
        high >>= 1;
        while (high != 0)
        {
            multiplier = (multiplier >> 1) | (high << 63);
            high >>= 1;
            shift--;
        }

        return multiplier != 0;
    }

    /// <summary>
    /// Whether the page's time agrees with the counter: a host that has stopped the machine may show a page that is not true any more to a
    /// processor that it continues first.
    /// </summary>
    /// <param name="before">The page's time in units, read before the counter.</param>
    /// <param name="counter">The counter.</param>
    /// <param name="after">The page's time, read after the counter.</param>
    public static bool Agrees(ulong before, ulong counter, ulong after)
    {
        const ulong tolerance = 10_000;
        // Differences of counts that may wrap: a small distance on either side.
        return counter - (before - tolerance) <= (after - before) + (2 * tolerance);
    }
}
