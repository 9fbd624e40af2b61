using System.Globalization;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Bench.Runs;

/// <summary>
/// Moves memory between a guest and QEMU's dynamic memory device, and measures it from the host's side alone, the same for every guest.
/// QEMU counts pages that come back as the guest's when it has sent them; so that the guest's work with them is measured as well, a deflation is
/// over when the guest has carried out another request, for one page, which QEMU makes only when the guest has answered to the one before.
/// </summary>
/// <param name="monitor">QEMU's monitor.</param>
/// <param name="memoryMiB">The guest's memory.</param>
/// <param name="movedMiB">What goes to the host and comes back.</param>
/// <param name="clock">Measures.</param>
internal sealed class BalloonLoad(QmpClient monitor, int memoryMiB, int movedMiB, TimeProvider clock)
{
    private const long MiB = 1 << 20;
    private const long PageSize = 4096;
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    private long Whole => memoryMiB * MiB;

    /// <summary>Waits until the device makes its first request, and leaves one page with the host.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken) =>
        await MoveAsync(Whole - PageSize, HyperVMonitor.SettlingTime + MoveLimit, cancellationToken).ConfigureAwait(false);

    /// <summary>One round.</summary>
    public async Task<BalloonRound> RunAsync(CancellationToken cancellationToken)
    {
        var inflate = await MoveAsync(Whole - (movedMiB * MiB), MoveLimit, cancellationToken).ConfigureAwait(false);
        var deflate = await MoveAsync(Whole, MoveLimit, cancellationToken).ConfigureAwait(false)
            + await MoveAsync(Whole - PageSize, MoveLimit, cancellationToken).ConfigureAwait(false);
        return new BalloonRound(movedMiB / inflate.TotalSeconds, movedMiB / deflate.TotalSeconds);
    }

    private async Task<TimeSpan> MoveAsync(long target, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        await monitor.SetMemoryTargetAsync(target, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var actual = await monitor.QueryMemoryAsync(cancellationToken).ConfigureAwait(false);
            var elapsed = clock.GetElapsedTime(start);
            if (actual == target)
                return elapsed;
            if (elapsed > limit)
            {
                throw new ToolException(string.Create(
                    CultureInfo.InvariantCulture, $"QEMU counts {actual} bytes to the guest after {limit.TotalSeconds:F0} s, not the {target} that it was to be left with."));
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}
