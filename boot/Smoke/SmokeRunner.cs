using System.Diagnostics;
using GuestOS.Boot.Build;
using GuestOS.Boot.Consoles;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke;

/// <summary>Runs scenarios.</summary>
/// <param name="hosts">Where machines run.</param>
/// <param name="media">What they boot.</param>
/// <param name="settings">How thorough to be.</param>
internal sealed class SmokeRunner(SmokeHosts hosts, SmokeMedia media, SmokeSettings settings)
{
    private const int MostAtOnce = 4;

    /// <summary>
    /// Times that a scenario is begun whose machine the host lost (QEMU aborted, or the lab's machine ended): that says nothing of the guest
    /// unless it happens every time.
    /// </summary>
    private const int MostAttempts = 3;

    private readonly EventDocument _document = EventDocument.Load(media.Repository);

    /// <summary>Scenarios that run at the same time: one per processor of this machine, in bounds, and as many that mostly wait.</summary>
    public static int AtOnce => Math.Clamp(Environment.ProcessorCount, 1, MostAtOnce);

    /// <summary>Runs several scenarios, some at the same time; those that must be alone come last.</summary>
    /// <param name="scenarios">The scenarios.</param>
    /// <param name="onResult">Called with each result as it comes, one call at a time.</param>
    /// <param name="cancellationToken">Ends all.</param>
    /// <returns>The results, in the order of the scenarios.</returns>
    public async Task<IReadOnlyList<ScenarioResult>> RunAsync(
        IReadOnlyList<Scenario> scenarios, Action<ScenarioResult> onResult, CancellationToken cancellationToken)
    {
        var results = new ScenarioResult[scenarios.Count];
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Task.WhenAll(
            Parallel.ForEachAsync(Which(scenario => !scenario.IsAlone && !scenario.IsMostlyWaiting), options, RunOneAsync),
            Parallel.ForEachAsync(Which(scenario => !scenario.IsAlone && scenario.IsMostlyWaiting), options, RunOneAsync)).ConfigureAwait(false);
        foreach (var i in Which(scenario => scenario.IsAlone))
            await RunOneAsync(i, cancellationToken).ConfigureAwait(false);
        return results;

        IEnumerable<int> Which(Func<Scenario, bool> match) => Enumerable.Range(0, scenarios.Count).Where(i => match(scenarios[i]));

        async ValueTask RunOneAsync(int i, CancellationToken cancellation)
        {
            results[i] = await RunAsync(scenarios[i], cancellation).ConfigureAwait(false);
            lock (gate)
                onResult(results[i]);
        }
    }

    /// <summary>Runs one scenario.</summary>
    public async Task<ScenarioResult> RunAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        if ((scenario.WhyNot(media) ?? hosts.WhyNot(scenario.HostName)) is { } reason)
            return new ScenarioResult(scenario, Verdict.Skipped, reason, TimeSpan.Zero, [], null);
        var losses = new List<string>();
        while (true)
        {
            var (result, lost) = await TryAsync(scenario, cancellationToken).ConfigureAwait(false);
            if (lost.Length > 0)
                losses.Add(lost);
            if (lost.Length > 0 && losses.Count < MostAttempts)
                RunArtifacts.Keep(result.Folder!, losses.Count);
            else
                return losses.Count == 0 ? result : result with { Message = Join(result.Message, $"begun {losses.Count + (lost.Length == 0 ? 1 : 0)} times:{string.Concat(losses)}") };
        }
    }

    private static string Join(string first, string second) => first.Length == 0 ? second : $"{first}; {second}";

    /// <summary>Runs one scenario once.</summary>
    /// <returns>The result, and what the host says of machines that it lost; empty when it lost none.</returns>
    private async Task<(ScenarioResult Result, string Lost)> TryAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var context = new ScenarioContext(scenario.Name, hosts.Get(scenario.HostName), media, settings);
        await using (context.ConfigureAwait(false))
        {
            context.DiscardSaved();
            try
            {
                await scenario.RunAsync(context, cancellationToken).ConfigureAwait(false);
                if (context.Events.Select(_document.Verify).FirstOrDefault(fault => fault is not null) is { } undocumented)
                    throw new ScenarioFailedException(undocumented);
                return (new ScenarioResult(scenario, Verdict.Passed, context.Remarks, watch.Elapsed, [.. context.Events], null), "");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var message = e is ScenarioFailedException or ToolException ? e.Message : e.ToString();
                var lost = await context.DescribeFailedHostsAsync().ConfigureAwait(false);
                var folder = await context.SaveAsync().ConfigureAwait(false);
                return (new ScenarioResult(scenario, Verdict.Failed, message, watch.Elapsed, [.. context.Events], folder), lost);
            }
        }
    }
}
