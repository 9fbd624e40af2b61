using System.Globalization;
using GuestOS.Kernel.SelfTests.Memory;
using GuestOS.Kernel.SelfTests.Soak;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.SelfTests;

/// <summary>
/// <c>balloon:SECONDS</c>: memory-hungry work with known answers while the host moves the balloon; then waits for the host to give everything
/// back, and looks for pages that got lost.
/// </summary>
internal sealed class BalloonSelfTest : ISelfTest
{
    private const int MostSeconds = 7 * 24 * 60 * 60;
    private const ulong PagesPerMiB = (1 << 20) / PageRange.PageSize;

    /// <summary>How much of the memory that was free before may be in use afterwards: what the work's threads and caches keep.</summary>
    private const ulong MostKept = 8 * PagesPerMiB;

    /// <summary>The host has so long to give everything back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "balloon";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1 || !int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) || seconds is < 1 or > MostSeconds)
            throw new SelfTestException($"it takes a number of seconds from 1 to {MostSeconds}");
        if (system.Balloons.Entries is not [IMemoryBalloon balloon, ..])
            throw new SelfTestException("the host offers no dynamic memory");

        IDynamicMemory memory = system.Machine.DynamicMemory;
        memory.Compact();
        DynamicMemoryFigures before = memory.Read();
        int threads = Environment.ProcessorCount + 2;
        var waves = new WaveWork(memory, threads);
        ISoakWork[] works = [waves, new AllocationWork(), waves, new LinqWork(), waves, new TaskWork(), waves, new ExceptionWork()];
        var tally = new SoakTally(works.Length);
        var watch = new BalloonWatch(balloon, memory);
        await LoadAsync(system, threads, works, tally, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false);
        DynamicMemoryFigures after = await WaitForAllAsync(system, memory, before.Taken).ConfigureAwait(false);
        watch.Dispose();

        // What was added meanwhile is free now too.
        ulong expected = before.Free + (after.Total - before.Total) - MostKept;
        if (after.Taken > before.Taken)
            tally.Fail(string.Create(CultureInfo.InvariantCulture, $"The host has {after.Taken} pages and does not give them back."));
        else if (after.Free < expected)
            tally.Fail(string.Create(CultureInfo.InvariantCulture, $"Of {before.Free} free pages {after.Free} are left."));
        if (watch.Error is { } wrong)
            tally.Fail(wrong);

        string? error = tally.Error;
        system.Machine.Events.Write(
            "balloontest",
            new("seconds", seconds),
            new("threads", threads),
            new("rounds", tally.Rounds),
            new("wrong", tally.Wrong),
            new("exhausted", waves.Exhausted),
            new("changes", watch.Changes),
            new("mostBallooned", watch.MostTaken),
            new("leastFree", watch.LeastFree),
            new("freeBefore", before.Free),
            new("freeAfter", after.Free),
            new("ballooned", after.Taken),
            new("hotAdded", after.Added),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return error is null;
    }

    private static async Task LoadAsync(KernelSystem system, int threads, ISoakWork[] works, SoakTally tally, TimeSpan time)
    {
        using var end = new CancellationTokenSource(time, system.Machine.Clock);
        var crew = new SoakCrew("balloon", threads, works, tally, isShortOfMemory: true, end.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, system.Machine.Clock, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        crew.Join(system.Machine.Clock, SoakCrew.Patience);
    }

    private static async Task<DynamicMemoryFigures> WaitForAllAsync(KernelSystem system, IDynamicMemory memory, ulong taken)
    {
        TimeProvider clock = system.Machine.Clock;
        long start = clock.GetTimestamp();
        while (memory.Read().Taken > taken && clock.GetElapsedTime(start) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock).ConfigureAwait(false);
        memory.Compact();
        return memory.Read();
    }
}
