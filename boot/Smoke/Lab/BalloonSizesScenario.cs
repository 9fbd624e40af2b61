using GuestOS.Boot.Events;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>Several sizes one after another: guest and host agree on each, and on the guest's status reports.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class BalloonSizesScenario(int cpus)
    : BalloonScenario($"balloon-{cpus}cpu", $"Dynamic memory on {cpus} CPU(s): several sizes, host and guest agree on each; status reports with the guest's figures")
{
    /// <summary>What is left to the guest, in MiB; the last but one is below what it gives.</summary>
    private static readonly int[] Sizes = [448, 300, 400, 64, MemoryMiB];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, cpus, "", cancellationToken).ConfigureAwait(false);
        var guest = await BootAgreedAsync(context, machine, cancellationToken).ConfigureAwait(false);
        foreach (var size in Sizes)
        {
            var left = await MoveAsync(context, guest, size * MiB, cancellationToken).ConfigureAwait(false);
            var last = ChangesOf(guest)[^1];
            if (left != size * MiB)
                CheckFloor(last, size);
            await CheckStatusAsync(context, guest, cancellationToken).ConfigureAwait(false);
        }

        await guest.Console.SendLineAsync("balloon", cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, "always kept free", 0, cancellationToken).ConfigureAwait(false);
        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        await context.EndAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(0, guest.Events.Of("panic").Count, "panics");
    }

    /// <summary>A guest that gives less than it is asked for has given down to its floor, but for what it used itself meanwhile.</summary>
    private static void CheckFloor(GuestEvent last, int size)
    {
        var (floor, free) = (PagesOf(last, "floor"), PagesOf(last, "free"));
        ScenarioContext.Check(
            Math.Abs(free - floor) <= MiB / PageSize,
            $"pages free where {size} MiB cannot be reached: expected about {floor}, saw {free}");
    }

    /// <summary>The next status report comes within moments and has the figures of the last event, as far as an idle guest moves.</summary>
    private static async Task CheckStatusAsync(ScenarioContext context, Hosts.IGuest guest, CancellationToken cancellationToken)
    {
        const long tolerance = 24 * MiB;
        var last = ChangesOf(guest)[^1];
        var available = PagesOf(last, "free") * PageSize;
        var committed = (PagesOf(last, "committed") + PagesOf(last, "ballooned") + PagesOf(last, "floor")) * PageSize;
        await WaitForStatusAsync(
            context,
            guest,
            status => Math.Abs(status.Available - available) <= tolerance && Math.Abs(status.Committed - committed) <= tolerance,
            $"with about {available} bytes available and {committed} committed",
            cancellationToken).ConfigureAwait(false);
    }
}
