namespace GuestOS.Kernel.Core;

/// <summary>Measures the time-stamp counter and the local APIC timer against a counter of known frequency. Reads hardware only through its arguments.</summary>
internal static unsafe class CalibrationWindow
{
    // 2 ms hold the PM timer's resolution of 0.28 µs 7000 times; an HPET needs half of that.
    private const ulong WindowsPerSecond = 500;
    private const ulong FastReference = 10_000_000;
    private const int ReadBound = 1_000_000;
    private const int Attempts = 3;

    /// <summary>Frequencies outside are a fault of the measurement.</summary>
    public static bool IsPlausible(ulong frequency) => frequency is >= 1_000_000 and <= ClockMath.MaximumFrequency;

    /// <summary>
    /// One window of 2 ms, of 1 ms with a fast reference; up to two more when the brackets were wider than a hundredth of it. False when the reference does not count.
    /// </summary>
    /// <param name="tsc">The time-stamp counter.</param>
    /// <param name="reference">The reference, counting up.</param>
    /// <param name="mask">Its bits.</param>
    /// <param name="frequency">Its frequency in hertz.</param>
    /// <param name="timer">The local APIC timer, counting up 32 bits, or null.</param>
    /// <param name="tscFrequency">Result in hertz.</param>
    /// <param name="timerFrequency">Result in hertz; 0 without a timer.</param>
    public static bool Measure(
        delegate*<ulong> tsc, delegate*<uint> reference, uint mask, ulong frequency, delegate*<uint> timer,
        out ulong tscFrequency, out ulong timerFrequency)
    {
        tscFrequency = 0;
        timerFrequency = 0;
        ulong bestWidth = ulong.MaxValue;
        ulong window = frequency / (frequency >= FastReference ? 2 * WindowsPerSecond : WindowsPerSecond);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            CounterSample start = default;
            CounterSample end = default;
            CounterSample timerStart = default;
            CounterSample timerEnd = default;
            if (timer != null)
                CounterSample.Take(tsc, timer, ref timerStart);
            CounterSample.Take(tsc, reference, ref start);
            if (!WaitFor(reference, start.Count, mask, window))
                return false;
            CounterSample.Take(tsc, reference, ref end);
            if (timer != null)
                CounterSample.Take(tsc, timer, ref timerEnd);

            ulong elapsed = end.Tsc - start.Tsc;
            ulong counts = (end.Count - start.Count) & mask;
            ulong width = start.Width + end.Width;
            if (width < bestWidth)
            {
                bestWidth = width;
                tscFrequency = Ratio(elapsed, frequency, counts);
                if (timer != null)
                    timerFrequency = Ratio(timerEnd.Count - timerStart.Count, tscFrequency, timerEnd.Tsc - timerStart.Tsc);
            }

            if (width * 100 < elapsed)
                break;
        }

        return IsPlausible(tscFrequency);
    }

    /// <summary>The local APIC timer against a time-stamp counter of known frequency, in half a window.</summary>
    public static ulong MeasureTimer(delegate*<ulong> tsc, ulong tscFrequency, delegate*<uint> timer)
    {
        CounterSample start = default;
        CounterSample end = default;
        CounterSample.Take(tsc, timer, ref start);
        ulong window = tscFrequency / (2 * WindowsPerSecond);
        while (tsc() - start.Tsc < window)
        {
        }

        CounterSample.Take(tsc, timer, ref end);
        return Ratio(end.Count - start.Count, tscFrequency, end.Tsc - start.Tsc);
    }

    private static bool WaitFor(delegate*<uint> reference, uint start, uint mask, ulong counts)
    {
        for (int i = 0; i < ReadBound; i++)
        {
            if (((reference() - start) & mask) >= counts)
                return true;
        }

        return false;
    }

    // Windows of milliseconds keep the product far below 2^64: 10^8 counts times 10^10 hertz at most.
    private static ulong Ratio(ulong counts, ulong frequency, ulong otherCounts)
        => otherCounts == 0 ? 0 : (counts * frequency + otherCounts / 2) / otherCounts;
}
