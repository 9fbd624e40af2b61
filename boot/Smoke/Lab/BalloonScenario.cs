using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A scenario of QEMU's dynamic memory device and the guest's driver of it.</summary>
/// <param name="name">Unique name.</param>
/// <param name="description">What it shows, one line.</param>
internal abstract class BalloonScenario(string name, string description) : LabScenario(name, description)
{
    /// <inheritdoc/>
    public override bool IsMostlyWaiting => true;

    /// <summary>Memory of the machines, in MiB.</summary>
    protected const int MemoryMiB = 512;

    /// <summary>Bytes of a page of the protocol.</summary>
    protected const long PageSize = 4096;

    /// <summary>Bytes of a MiB.</summary>
    protected const long MiB = 1 << 20;

    /// <summary>Requests of the host that are over.</summary>
    protected static IReadOnlyList<GuestEvent> ChangesOf(IGuest guest) =>
        guest.Events.Of("balloon").Where(e => e.Text("operation") is "inflate" or "deflate" or "add").ToList();

    /// <summary>A figure of an event.</summary>
    protected static long PagesOf(GuestEvent change, string name) =>
        change.Number(name) ?? throw new ScenarioFailedException($"the event has no {name}: {change}");

    /// <summary>Boots a machine and waits until guest and host have agreed and the device takes targets.</summary>
    protected static async Task<IGuest> BootAgreedAsync(ScenarioContext context, MachineSpec machine, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(machine with { MemoryMiB = MemoryMiB }, cancellationToken).ConfigureAwait(false);
        var device = DeviceOf(guest);
        await device.FollowAsync(cancellationToken).ConfigureAwait(false);
        var agreed = await context.WaitAsync(guest, "balloon, negotiated", e => e.Kind == "balloon", LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual("2.0", agreed.Text("version"), "version of dynamic memory");
        await WaitUntilIdleAsync(context, guest, HyperVMonitor.SettlingTime + LabTime, cancellationToken).ConfigureAwait(false);
        return guest;
    }

    /// <summary>
    /// Sets a target and waits until the guest has done what it can; then what the host counts and what the guest reports must be the same.
    /// </summary>
    /// <param name="context">The scenario.</param>
    /// <param name="guest">The machine.</param>
    /// <param name="target">What the guest is to be left with, in bytes; not what it has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it is left with, in bytes.</returns>
    protected static async Task<long> MoveAsync(ScenarioContext context, IGuest guest, long target, CancellationToken cancellationToken)
    {
        var before = ChangesOf(guest).Count;
        await DeviceOf(guest).SetTargetAsync(target, null, cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(guest, $"balloon, {target / MiB} MiB", _ => IsOver(ChangesOf(guest), before), LabTime, cancellationToken).ConfigureAwait(false);
        var last = ChangesOf(guest)[^1];
        ScenarioContext.Check(last.Text("error") is null, $"the request failed: {last}");
        var left = (MemoryMiB * MiB) + ((PagesOf(last, "hotAdded") - PagesOf(last, "ballooned")) * PageSize);
        await context.WaitForMemoryAsync(guest, left, LabTime, cancellationToken).ConfigureAwait(false);
        await WaitUntilIdleAsync(context, guest, LabTime, cancellationToken).ConfigureAwait(false);
        return left;
    }

    /// <summary>
    /// A request to give memory is over with its first event, met in full or down to the guest's floor: QEMU does not ask again after an answer
    /// that ends with no pages.
    /// </summary>
    private static bool IsOver(IReadOnlyList<GuestEvent> changes, int before) =>
        changes.Count > before && (changes[^1].Number("done") == changes[^1].Number("asked") || changes[^1].Text("operation") == "inflate");
}
