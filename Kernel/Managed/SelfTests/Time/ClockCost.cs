using System.Diagnostics;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.SelfTests.Time;

/// <summary>What a reading of the clock costs, beside what any clock of this kind costs: the time-stamp counter and one multiplication.</summary>
internal static class ClockCost
{
    private const int Batches = 64;
    private const int Batch = 500;

    /// <summary>A clock that is a register of a hypervisor costs a thousand times as much.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>Picoseconds of the kernel's clock, of the same by way of the C library, and of the bare instructions: the fastest of many batches in turns, since the machine does other things too.</summary>
    public static (long Reading, long Library, long Bare) Measure()
    {
        long reading = long.MaxValue, library = long.MaxValue, bare = long.MaxValue;
        ulong sink = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < Batches && (i == 0 || Stopwatch.GetElapsedTime(begin) < Patience); i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int j = 0; j < Batch; j++)
                sink += (ulong)KernelEntry.ReadClock();
            long afterReading = Stopwatch.GetTimestamp();
            for (int j = 0; j < Batch; j++)
                sink += (ulong)Stopwatch.GetTimestamp();
            long afterLibrary = Stopwatch.GetTimestamp();
            for (int j = 0; j < Batch; j++)
                sink += Math.BigMul(KernelEntry.ReadTsc(), 0x8000_0001_0000_0001, out _);
            long end = Stopwatch.GetTimestamp();
            reading = Math.Min(reading, afterReading - start);
            library = Math.Min(library, afterLibrary - afterReading);
            bare = Math.Min(bare, end - afterLibrary);
        }

        GC.KeepAlive(sink);
        double picoseconds = 1e12 / Stopwatch.Frequency / Batch;
        return ((long)(reading * picoseconds), (long)(library * picoseconds), (long)(bare * picoseconds));
    }
}
