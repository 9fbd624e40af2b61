namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The guest restarts the machine by Hyper-V's reset register, and comes up again.</summary>
internal sealed class ResetScenario() : LabScenario("reset-by-guest", "The guest restarts the machine by the reset register, VMBus disconnected before; it comes up again")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, "guestos.test=reboot", cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(machine with { StopOnReset = false }, cancellationToken).ConfigureAwait(false);
        var reset = await context.WaitForMonitorAsync(guest, "RESET", 0, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual("guest-reset", reset.Data.GetProperty("reason").GetString(), "reason of the reset");
        await context.WaitAsync(guest, "ready, a second time", _ => guest.Events.Of("ready").Count > 1, LabTime, cancellationToken).ConfigureAwait(false);
        await guest.StopAsync().ConfigureAwait(false);

        var events = guest.Events.Snapshot;
        var start = events.Index().Where(item => item.Item.Kind == "boot").Select(item => item.Index).Take(2).ToList();
        foreach (var from in start)
        {
            var hypervisor = events.Skip(from).First(e => e.Kind == "hypervisor");
            ScenarioContext.CheckEqual("msr", hypervisor.Text("reset"), "first way to restart");
            var contact = events.Skip(from).FirstOrDefault(e => e.Kind == "vmbus");
            ScenarioContext.CheckEqual(VmBusExpectation.BridgeVersion, contact?.Text("version"), "version of VMBus");
        }

        var first = events.Take(start[1]).ToList();
        ScenarioContext.CheckEqual("disconnected", first.Last(e => e.Kind == "vmbus").Text("state"), "state of VMBus before the restart");
        ScenarioContext.CheckEqual("poweroff", first[^1].Kind, "last event before the restart");
        ScenarioContext.CheckEqual("reboot", first[^1].Text("kind"), "kind in the event poweroff");
    }
}
