using System.Diagnostics;
using System.Globalization;

namespace GuestOS.Bench.Peer;

/// <summary>
/// What a reading of the clock costs (clock_gettime by way of the vDSO), beside the time-stamp counter and one multiplication: measured
/// as the self-test <c>clock</c> does under GuestOS, the fastest of many batches in turns.
/// </summary>
internal static unsafe class ClockLoad
{
    private const int Batches = 64;
    private const int Batch = 500;
    private const int PageSize = 4096;

    /// <summary>A clock that is a register of a hypervisor costs a thousand times as much.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>rdtsc; shl rdx, 32; or rax, rdx; ret. The base library has no name for the first of them.</summary>
    private static ReadOnlySpan<byte> ReadTscCode => [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    /// <summary>Writes the event <c>clock</c>.</summary>
    /// <exception cref="IOException">There is no memory for code.</exception>
    public static void Run()
    {
        var code = Linux.Map(0, PageSize, Linux.ReadWriteExecute, Linux.PrivateAnonymous, -1, 0);
        if (code == -1)
            throw new IOException("mmap of a page for code failed");
        ReadTscCode.CopyTo(new Span<byte>((void*)code, PageSize));
        var (library, bare) = Measure((delegate* unmanaged[SuppressGCTransition]<ulong>)code);
        var source = File.ReadAllText("/sys/devices/system/clocksource/clocksource0/current_clocksource").Trim();
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $$"""{"t":0,"event":"clock","source":"{{source}}","libraryPs":{{library}},"barePs":{{bare}},"result":"ok"}"""));
    }

    /// <summary>Picoseconds of a reading and of the bare instructions.</summary>
    private static (long Library, long Bare) Measure(delegate* unmanaged[SuppressGCTransition]<ulong> readTsc)
    {
        long library = long.MaxValue, bare = long.MaxValue;
        ulong sink = 0;
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < Batches && (i == 0 || Stopwatch.GetElapsedTime(begin) < Patience); i++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var j = 0; j < Batch; j++)
                sink += (ulong)Stopwatch.GetTimestamp();
            var afterLibrary = Stopwatch.GetTimestamp();
            for (var j = 0; j < Batch; j++)
                sink += Math.BigMul(readTsc(), 0x8000_0001_0000_0001, out _);
            var end = Stopwatch.GetTimestamp();
            library = Math.Min(library, afterLibrary - start);
            bare = Math.Min(bare, end - afterLibrary);
        }

        GC.KeepAlive(sink);
        var picoseconds = 1e12 / Stopwatch.Frequency / Batch;
        return ((long)(library * picoseconds), (long)(bare * picoseconds));
    }
}
