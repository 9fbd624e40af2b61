using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>Random targets in a row while memory-hungry work runs in the guest.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class BalloonTargetsScenario(int cpus)
    : BalloonScenario($"balloon-targets-{cpus}cpu", $"Dynamic memory on {cpus} CPU(s): random targets in a row under memory-hungry load; checksums right, no page lost")
{
    private const int Seed = 20_24;
    private const int LeastMiB = 64;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var count = context.Settings == SmokeSettings.Full ? 200 : 10;
        var load = (int)(HyperVMonitor.SettlingTime.TotalSeconds + (2 * count) + 20);
        var machine = await MachineAsync(
            context, cpus, ScenarioContext.Tests(string.Create(CultureInfo.InvariantCulture, $"balloon:{load}")), cancellationToken).ConfigureAwait(false);
        var guest = await BootAgreedAsync(context, machine, cancellationToken).ConfigureAwait(false);
        var random = new Random(Seed);
        long left = MemoryMiB * MiB;
        for (var i = 0; i < count; i++)
        {
            var target = random.Next(LeastMiB, MemoryMiB) * MiB;
            if (target != left)
                left = await MoveAsync(context, guest, target, cancellationToken).ConfigureAwait(false);
            ScenarioContext.Check(guest.Events.Of("balloontest").Count == 0, $"the load ended after {i} of {count} targets");
        }

        if (left != MemoryMiB * MiB)
            await MoveAsync(context, guest, MemoryMiB * MiB, cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, LabTime + TimeSpan.FromSeconds(load), cancellationToken).ConfigureAwait(false);
        var test = ScenarioContext.Single(guest, "balloontest");
        ScenarioContext.CheckEqual(0, test.Number("wrong"), "wrong checksums");
        ScenarioContext.CheckEqual(0, test.Number("ballooned"), "pages that are still with the host");
    }
}
