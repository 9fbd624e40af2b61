using System.Diagnostics;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Timers and cancellation: nothing may end too early, or be called when cancelled.</summary>
internal sealed class TimerWork : ISoakWork
{
    /// <summary>The framework's timers count milliseconds that may have begun before; the clock that measures is finer.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(2);

    public string Name => "timers";

    public bool RunRound(int seed) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(Delay).ConfigureAwait(false);
        bool isLate = Stopwatch.GetElapsedTime(start) >= Delay - Tolerance;

        using var cancellation = new CancellationTokenSource();
        Task forever = Task.Delay(Timeout.Infinite, cancellation.Token);
        cancellation.CancelAfter(Delay);
        await forever.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        int ticks = 0;
        while (ticks < 3 && await timer.WaitForNextTickAsync().ConfigureAwait(false))
            ticks++;
        return isLate && forever.IsCanceled && ticks == 3;
    }
}
