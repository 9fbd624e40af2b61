namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The kernel option that leaves VMBus alone.</summary>
internal sealed class VmBusOffScenario() : LabScenario("vmbus-off", "vmbus=off: Hyper-V's interface is used, VMBus is not")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, $"vmbus=off {ScenarioContext.Tests("processors")}", cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(20), cancellationToken).ConfigureAwait(false);
        CheckBoot(guest, HyperVSignature);
        HypervisorExpectation.Check(guest, machine.Hypervisor!.Enlightenments);
        VmBusExpectation.CheckAbsent(guest);
        ScenarioContext.CheckEqual(0, guest.Events.Of("device").Count(e => e.Text("bus") == "vmbus"), "devices on VMBus");
    }
}
