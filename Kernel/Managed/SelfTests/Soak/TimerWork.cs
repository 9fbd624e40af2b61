namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Timers and cancellation: nothing may end too early, or be called when cancelled.</summary>
internal sealed class TimerWork : ISoakWork
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(5);

    public string Name => "timers";

    public bool RunRound(int seed) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        // By the clock that the framework's timers go by. A finer one need not agree with it: where this runs on Linux, as a unit test, that clock
        // stands still while the host has taken the processor away, and then leaps.
        long start = Environment.TickCount64;
        await Task.Delay(Delay).ConfigureAwait(false);
        bool isLate = Environment.TickCount64 - start >= Delay.TotalMilliseconds;

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
