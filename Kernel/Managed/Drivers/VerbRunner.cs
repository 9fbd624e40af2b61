using System.Globalization;

namespace GuestOS.Kernel.Drivers;

/// <summary>
/// Runs a driver's verbs on the thread pool with a deadline. At the deadline, or when the device is gone, the verb's token is cancelled
/// and it has a grace time to end; one that does not end even then is abandoned.
/// </summary>
internal sealed class VerbRunner
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock;

    public VerbRunner(TimeProvider clock, VerbDeadlines deadlines)
    {
        _clock = clock;
        Deadlines = deadlines;
    }

    public VerbDeadlines Deadlines { get; }

    /// <exception cref="TimeoutException">The verb did not end in time.</exception>
    /// <exception cref="OperationCanceledException">The device is gone.</exception>
    public Task RunAsync(string name, TimeSpan deadline, Func<CancellationToken, ValueTask> verb, CancellationToken gone = default) =>
        RunAsync(
            name,
            deadline,
            async token =>
            {
                await verb(token).ConfigureAwait(false);
                return true;
            },
            gone);

    /// <exception cref="TimeoutException">The verb did not end in time.</exception>
    /// <exception cref="OperationCanceledException">The device is gone.</exception>
    public async Task<T> RunAsync<T>(string name, TimeSpan deadline, Func<CancellationToken, ValueTask<T>> verb, CancellationToken gone = default)
    {
        using var cancellation = new CancellationTokenSource(deadline, _clock);
        using CancellationTokenRegistration registration = gone.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), cancellation);
        using var ended = new CancellationTokenSource();
        Task patience = Task.Delay(deadline + Grace, _clock, ended.Token);
        if (gone.CanBeCanceled)
            patience = Task.WhenAny(patience, WaitAfterAsync(gone, ended.Token));
        Task<T> running = Task.Run(() => verb(cancellation.Token).AsTask(), CancellationToken.None);
        if (await Task.WhenAny(running, patience).ConfigureAwait(false) != running)
        {
            throw new TimeoutException(gone.IsCancellationRequested
                ? $"{name} does not react to its cancellation, and the device is gone."
                : string.Create(
                    CultureInfo.InvariantCulture, $"{name} did not end within {deadline.TotalSeconds:0.###} s, and does not react to its cancellation."));
        }

        await ended.CancelAsync().ConfigureAwait(false);
        try
        {
            return await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{name} was given up: the device is gone.", gone);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{name} did not end within {deadline.TotalSeconds:0.###} s."));
        }
    }

    private async Task WaitAfterAsync(CancellationToken gone, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, ended);
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ended.IsCancellationRequested)
            await Task.Delay(Grace, _clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
