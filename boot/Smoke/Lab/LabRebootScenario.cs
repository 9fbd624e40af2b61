using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The host resets the machine by its monitor; it comes up a second time.</summary>
internal sealed class LabRebootScenario() : LabScenario("reset-by-host", "Reset by the host's monitor: the kernel comes up a second time, and powers off")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, "", cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(machine with { StopOnReset = false }, cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(guest, "ready", e => e.Kind == "ready", LabTime, cancellationToken).ConfigureAwait(false);
        var monitor = ScenarioContext.MonitorOf(guest);
        var before = monitor.Events.Count;
        var shown = guest.Console.Text.Length;
        await monitor.ResetAsync(cancellationToken).ConfigureAwait(false);
        await context.WaitForMonitorAsync(guest, "RESET", before, LabTime, cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(
            guest, "ready, a second time", _ => guest.Events.Of("ready").Count > 1, LabTime, cancellationToken).ConfigureAwait(false);

        // What the first start still had to say may come after the reset; the second one's greeting is its own.
        var greeted = await context.WaitForTextAsync(guest, ".NET on bare metal", shown, cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, "guestos>", greeted, cancellationToken).ConfigureAwait(false);
        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), exit, "end of the machine");
        ScenarioContext.CheckEqual(2, guest.Events.Of("boot").Count, "boots");
    }
}
