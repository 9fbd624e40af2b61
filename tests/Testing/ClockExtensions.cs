namespace GuestOS.Testing;

/// <summary>Waits in steps of the clock itself; those of the base library are cut down to milliseconds.</summary>
public static class ClockExtensions
{
    /// <summary>Ends after a time, never at once.</summary>
    public static async Task After(this TimeProvider clock, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var source = new TaskCompletionSource();
        using var timer = clock.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), source, time, Timeout.InfiniteTimeSpan);
        await source.Task.ConfigureAwait(false);
    }
}
