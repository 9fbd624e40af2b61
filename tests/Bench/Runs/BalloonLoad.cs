using System.Globalization;
using System.Text.Json.Nodes;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Bench.Runs;

/// <summary>
/// Moves memory between a guest and QEMU's dynamic memory device, and measures it from the host's side alone, the same for every guest: from
/// the monitor's command until the device has the guest's last answer. For pages that go to the host its count tells that. Pages that come back
/// count as soon as they are sent; the answer to them is a line of QEMU's trace.
/// </summary>
/// <param name="monitor">QEMU's monitor.</param>
/// <param name="hostMessages">What QEMU has written, traces included.</param>
/// <param name="plan">How much is moved.</param>
/// <param name="clock">Measures.</param>
internal sealed class BalloonLoad(QmpClient monitor, Func<string> hostMessages, HyperVPlan plan, TimeProvider clock)
{
    /// <summary>The device has an answer to pages that came back (QEMU hw/hyperv/trace-events).</summary>
    public const string AnswerTrace = "hv_balloon_incoming_unballoon";

    /// <summary>
    /// What QEMU (10.0) says when it aborts because its device found a packet in the ring while it carried out a command of the monitor, before the
    /// packet's signal had reached it. Guests that send status reports all the same (Linux does) can run into it at any command.
    /// </summary>
    public const string KnownAbort = "gpadl_iter_seek: Assertion `iter->active' failed";

    private const long MiB = 1 << 20;
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan SignalTime = TimeSpan.FromMilliseconds(200);

    private long Whole => plan.MemoryMiB * MiB;

    private long Half => Whole - (plan.MovedMiB * MiB);

    /// <summary>One round that is not measured: the device makes its first request late, and a guest's first time is not like the others.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await monitor.ExecuteAsync("trace-event-set-state", new JsonObject { ["name"] = AnswerTrace, ["enable"] = true }, cancellationToken).ConfigureAwait(false);
        await InflateAsync(HyperVMonitor.SettlingTime + MoveLimit, cancellationToken).ConfigureAwait(false);
        await DeflateAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One round.</summary>
    public async Task<BalloonRound> RunAsync(CancellationToken cancellationToken)
    {
        var inflate = await InflateAsync(MoveLimit, cancellationToken).ConfigureAwait(false);
        var deflate = await DeflateAsync(cancellationToken).ConfigureAwait(false);
        return new BalloonRound(plan.MovedMiB / inflate.TotalSeconds, plan.MovedMiB / deflate.TotalSeconds);
    }

    private async Task<TimeSpan> InflateAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = await SetTargetAsync(Half, cancellationToken).ConfigureAwait(false);
        return await WaitAsync(start, Half, static _ => true, limit, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TimeSpan> DeflateAsync(CancellationToken cancellationToken)
    {
        var before = CountAnswers(hostMessages());
        var start = await SetTargetAsync(Whole, cancellationToken).ConfigureAwait(false);
        return await WaitAsync(start, Whole, text => CountAnswers(text) > before, MoveLimit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the command when the signal of the guest's last answer has reached the device for certain; see <see cref="KnownAbort"/>.</summary>
    private async Task<long> SetTargetAsync(long target, CancellationToken cancellationToken)
    {
        await Task.Delay(SignalTime, cancellationToken).ConfigureAwait(false);
        var start = clock.GetTimestamp();
        await monitor.SetMemoryTargetAsync(target, cancellationToken).ConfigureAwait(false);
        return start;
    }

    private async Task<TimeSpan> WaitAsync(long start, long target, Func<string, bool> isAnswered, TimeSpan limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var actual = await monitor.QueryMemoryAsync(cancellationToken).ConfigureAwait(false);
            var isOver = actual == target && isAnswered(hostMessages());
            var elapsed = clock.GetElapsedTime(start);
            if (isOver)
                return elapsed;
            if (elapsed > limit)
            {
                throw new ToolException(string.Create(
                    CultureInfo.InvariantCulture, $"QEMU counts {actual} bytes to the guest after {limit.TotalSeconds:F0} s, not the {target} that it was to be left with, or has no answer."));
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int CountAnswers(string text)
    {
        var count = 0;
        for (var at = text.IndexOf(AnswerTrace, StringComparison.Ordinal); at >= 0; at = text.IndexOf(AnswerTrace, at + AnswerTrace.Length, StringComparison.Ordinal))
            count++;
        return count;
    }
}
