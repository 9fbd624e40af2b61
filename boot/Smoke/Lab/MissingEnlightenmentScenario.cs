using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>Hyper-V's interface with one part left out, and all that QEMU refuses without it: the guest does without.</summary>
/// <param name="enlightenment">What is left out.</param>
internal sealed class MissingEnlightenmentScenario(string enlightenment)
    : LabScenario("without-" + enlightenment, $"Hyper-V without {string.Join(", ", Missing(enlightenment))}: boots and works all the same")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, ScenarioContext.Tests(Soak(hasClock: enlightenment != Enlightenment.Time)), cancellationToken).ConfigureAwait(false);
        machine = machine with { Hypervisor = HypervisorSpec.HyperV.Without(enlightenment) };
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);
        CheckBoot(guest, HyperVSignature);
        HypervisorExpectation.Check(guest, machine.Hypervisor.Enlightenments);
        if (machine.Hypervisor.HasVmBus)
            VmBusExpectation.Check(guest, VmBusExpectation.BridgeVersion);
        else
            VmBusExpectation.CheckAbsent(guest);
        ScenarioContext.CheckEqual(0, ScenarioContext.Single(guest, "soak").Number("wrong"), "wrong checksums");
    }

    private static IEnumerable<string> Missing(string enlightenment) =>
        Enlightenment.Standard.Except(HypervisorSpec.HyperV.Without(enlightenment).Enlightenments);
}
