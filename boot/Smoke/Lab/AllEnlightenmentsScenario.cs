using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>More of Hyper-V's interface than the standard machine has.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class AllEnlightenmentsScenario(int cpus)
    : LabScenario($"with-everything-{cpus}cpu", $"{cpus} CPU(s), Hyper-V with {string.Join(", ", Enlightenment.All.Except(Enlightenment.Standard))} as well: boots and works")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, cpus, ScenarioContext.Tests("processors", Soak()), cancellationToken).ConfigureAwait(false);
        machine = machine with { Hypervisor = HypervisorSpec.HyperV with { Enlightenments = Enlightenment.All } };
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(20), cancellationToken).ConfigureAwait(false);
        CheckBoot(guest, HyperVSignature);
        HypervisorExpectation.Check(guest, machine.Hypervisor.Enlightenments);
        VmBusExpectation.Check(guest, VmBusExpectation.BridgeVersion);
        CheckProcessors(guest);
        ScenarioContext.CheckEqual(0, ScenarioContext.Single(guest, "soak").Number("wrong"), "wrong checksums");
    }
}
