namespace GuestOS.Kernel.Core;

/// <summary>A counter's value at a moment of the time-stamp counter.</summary>
internal struct CounterSample
{
    /// <summary>The moment: middle of the bracket.</summary>
    public ulong Tsc;

    /// <summary>Width of the bracket: the moment is known to half of it.</summary>
    public ulong Width;

    /// <summary>The value.</summary>
    public uint Count;

    /// <summary>
    /// Reads the counter several times between two readings of the time-stamp counter and keeps the tightest: an interruption
    /// (by the host, by system management) widens a bracket and drops out.
    /// </summary>
    public static unsafe void Take(delegate*<ulong> tsc, delegate*<uint> counter, ref CounterSample best)
    {
        best.Width = ulong.MaxValue;
        for (int i = 0; i < 6; i++)
        {
            ulong before = tsc();
            uint count = counter();
            ulong width = tsc() - before;
            if (width >= best.Width)
                continue;
            best.Tsc = before + width / 2;
            best.Width = width;
            best.Count = count;
        }
    }
}
