using System.Globalization;

namespace GuestOS.Kernel.Drivers;

/// <summary>
/// Runs a driver's verbs on the thread pool with a deadline. At the deadline the verb's token is cancelled and it has a grace time to
/// end; one that does not end even then is abandoned.
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
    public Task RunAsync(string name, TimeSpan deadline, Func<CancellationToken, ValueTask> verb) =>
        RunAsync(name, deadline, async token =>
        {
            await verb(token).ConfigureAwait(false);
            return true;
        });

    /// <exception cref="TimeoutException">The verb did not end in time.</exception>
    public async Task<T> RunAsync<T>(string name, TimeSpan deadline, Func<CancellationToken, ValueTask<T>> verb)
    {
        using var cancellation = new CancellationTokenSource(deadline, _clock);
        using var ended = new CancellationTokenSource();
        Task patience = Task.Delay(deadline + Grace, _clock, ended.Token);
        Task<T> running = Task.Run(() => verb(cancellation.Token).AsTask());
        if (await Task.WhenAny(running, patience).ConfigureAwait(false) != running)
        {
            throw new TimeoutException(string.Create(
                CultureInfo.InvariantCulture, $"{name} did not end within {deadline.TotalSeconds:0.###} s, and does not react to its cancellation."));
        }

        await ended.CancelAsync().ConfigureAwait(false);
        try
        {
            return await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{name} did not end within {deadline.TotalSeconds:0.###} s."));
        }
    }
}
