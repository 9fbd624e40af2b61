namespace GuestOS.Kernel.Core;

/// <summary>Conversions between counters and nanoseconds in 64-bit integers. Pure.</summary>
internal static class ClockMath
{
    /// <summary>Nanoseconds of a second.</summary>
    public const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Frequencies above are not converted: their products would not fit.</summary>
    public const ulong MaximumFrequency = 18_000_000_000;

    /// <summary>
    /// Multiplier and shift with ns = counts * multiplier / 2^shift, the multiplier as large as 32 bits allow (relative error below 2e-9
    /// up to 4 GHz, 1e-8 up to 18 GHz). The shift is at most 32.
    /// </summary>
    /// <param name="frequency">Hertz, 1 to <see cref="MaximumFrequency"/>.</param>
    /// <param name="multiplier">Below 2^32.</param>
    /// <param name="shift">0 to 32.</param>
    public static void Scale(ulong frequency, out ulong multiplier, out int shift)
    {
        shift = 32;
        multiplier = RoundedQuotient(NanosecondsPerSecond << shift, frequency);
        while (multiplier > uint.MaxValue && shift > 0)
        {
            shift--;
            multiplier = RoundedQuotient(NanosecondsPerSecond << shift, frequency);
        }
    }

    /// <summary>Counts to nanoseconds by a scale. Exact up to one nanosecond of truncation for any count whose result fits 64 bits.</summary>
    public static ulong ToNanoseconds(ulong counts, ulong multiplier, int shift)
    {
        ulong high = (counts >> 32) * multiplier;
        ulong low = (counts & 0xFFFF_FFFF) * multiplier;
        return (high << (32 - shift)) + (low >> shift);
    }

    /// <summary>Nanoseconds to counts of a frequency, rounded up, so that a timer never fires early. Saturates.</summary>
    public static ulong ToCounts(ulong nanoseconds, ulong frequency)
    {
        ulong seconds = nanoseconds / NanosecondsPerSecond;
        ulong rest = nanoseconds % NanosecondsPerSecond;
        if (frequency != 0 && seconds > (ulong.MaxValue - 2 * MaximumFrequency) / frequency)
            return ulong.MaxValue;
        return seconds * frequency + (rest * frequency + NanosecondsPerSecond - 1) / NanosecondsPerSecond;
    }

    /// <summary>
    /// Extends a counter that wraps to 64 bits, for any number of processors, without a lock. Some processor must call it at least
    /// once in half a period of the counter.
    /// </summary>
    /// <param name="last">Last extended value, shared.</param>
    /// <param name="raw">The counter as just read.</param>
    /// <param name="mask">The counter's bits, from bit 0 on.</param>
    public static ulong Extend(ref ulong last, ulong raw, ulong mask)
    {
        while (true)
        {
            ulong seen = Volatile.Read(ref last);
            ulong delta = (raw - seen) & mask;
            // Another processor has read the counter later and stored first: time does not go back.
            if (delta > mask / 2)
                return seen;
            if (delta == 0 || Interlocked.CompareExchange(ref last, seen + delta, seen) == seen)
                return seen + delta;
        }
    }

    /// <summary>Upper 64 bits of the 128-bit product.</summary>
    public static ulong MultiplyHigh(ulong a, ulong b)
    {
        ulong aLow = a & 0xFFFF_FFFF;
        ulong aHigh = a >> 32;
        ulong bLow = b & 0xFFFF_FFFF;
        ulong bHigh = b >> 32;
        ulong middle = aHigh * bLow + (aLow * bLow >> 32);
        ulong carry = (middle & 0xFFFF_FFFF) + aLow * bHigh;
        return aHigh * bHigh + (middle >> 32) + (carry >> 32);
    }

    private static ulong RoundedQuotient(ulong dividend, ulong divisor) => (dividend + divisor / 2) / divisor;
}
