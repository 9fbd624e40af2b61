using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The machine is reset while the host waits for pages: it comes up sound and gives memory again.</summary>
internal sealed class BalloonResetScenario() : BalloonScenario("balloon-reset", "Dynamic memory: reset by the host's monitor while a request is under way; comes up sound and serves requests")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, "", cancellationToken).ConfigureAwait(false);
        machine = machine with
        {
            StopOnReset = false,
            // The one machine among these whose device wants no status reports.
            Hypervisor = HypervisorSpec.HyperV with { Balloon = new BalloonSpec { KeepsStatus = false } },
        };
        var guest = await BootAgreedAsync(context, machine, cancellationToken).ConfigureAwait(false);
        await MoveAsync(context, guest, (MemoryMiB - 32) * MiB, cancellationToken).ConfigureAwait(false);
        var monitor = ScenarioContext.MonitorOf(guest);
        var before = monitor.Events.Count;
        await DeviceOf(guest).SetTargetAsync((MemoryMiB / 2) * MiB, null, cancellationToken).ConfigureAwait(false);
        await monitor.ResetAsync(cancellationToken).ConfigureAwait(false);
        await context.WaitForMonitorAsync(guest, "RESET", before, LabTime, cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(
            guest, "balloon, negotiated a second time",
            _ => guest.Events.Of("balloon").Count(e => e.Text("operation") == "negotiated") == 2, LabTime, cancellationToken).ConfigureAwait(false);
        await context.WaitForMemoryAsync(guest, MemoryMiB * MiB, LabTime, cancellationToken).ConfigureAwait(false);
        await WaitUntilIdleAsync(context, guest, HyperVMonitor.SettlingTime + LabTime, cancellationToken).ConfigureAwait(false);
        await MoveAsync(context, guest, (MemoryMiB - 64) * MiB, cancellationToken).ConfigureAwait(false);
        await MoveAsync(context, guest, MemoryMiB * MiB, cancellationToken).ConfigureAwait(false);
        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), exit, "end of the machine");
        ScenarioContext.CheckEqual(0, guest.Events.Of("panic").Count, "panics");
    }
}
