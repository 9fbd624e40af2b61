using System.Globalization;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Bench.Runs;

/// <summary>
/// Moves memory between a guest and QEMU's dynamic memory device, and measures it from the host's side alone, the same for every guest: from
/// the moment at which the guest can see the request until the device has the guest's last answer.
/// </summary>
/// <param name="monitor">QEMU's monitor.</param>
/// <param name="hostMessages">What QEMU has written, traces included.</param>
/// <param name="plan">How much is moved.</param>
/// <param name="clock">Measures.</param>
internal sealed class BalloonLoad(QmpClient monitor, Func<string> hostMessages, HyperVPlan plan, TimeProvider clock)
{
    private const long MiB = 1 << 20;
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    private readonly MemoryDevice _device = new(monitor, hostMessages);

    private long Whole => plan.MemoryMiB * MiB;

    private long Half => Whole - (plan.MovedMiB * MiB);

    /// <summary>Waits until the device makes requests; then one round that is not measured: a guest's first time is not like the others.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _device.FollowAsync(cancellationToken).ConfigureAwait(false);
        await _device.WaitUntilIdleAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One round.</summary>
    public async Task<BalloonRound> RunAsync(CancellationToken cancellationToken)
    {
        var inflate = await MoveAsync(Half, cancellationToken).ConfigureAwait(false);
        var deflate = await MoveAsync(Whole, cancellationToken).ConfigureAwait(false);
        return new BalloonRound(plan.MovedMiB / inflate.TotalSeconds, plan.MovedMiB / deflate.TotalSeconds);
    }

    private async Task<TimeSpan> MoveAsync(long target, CancellationToken cancellationToken)
    {
        long start = 0;
        await _device.SetTargetAsync(target, () => start = clock.GetTimestamp(), cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var actual = await monitor.QueryMemoryAsync(cancellationToken).ConfigureAwait(false);
            var isOver = actual == target && _device.IsIdle;
            var elapsed = clock.GetElapsedTime(start);
            if (isOver)
                return elapsed;
            if (elapsed > MoveLimit)
            {
                throw new ToolException(string.Create(
                    CultureInfo.InvariantCulture, $"QEMU counts {actual} bytes to the guest after {MoveLimit.TotalSeconds:F0} s, not the {target} that it was to be left with, or has no answer."));
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}
