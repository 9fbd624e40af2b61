using System.Globalization;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The guest boots under Hyper-V's interface, says so, and survives a moment of load.</summary>
/// <param name="cpus">Processors.</param>
internal sealed class LabBootScenario(int cpus) : LabScenario($"boot-{cpus}cpu", $"Boots on {cpus} CPU(s), reports all that it uses of Hyper-V, VMBus and dynamic memory; works; disconnects before the machine stops")
{
    /// <summary>Hypercall and VP index MSRs (TLFS 2.4, HV_PARTITION_PRIVILEGE_MASK): what everything else of Hyper-V's stands on.</summary>
    private const ulong NeededPrivileges = (1UL << 5) | (1UL << 6);

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, cpus, ScenarioContext.Tests("processors", Soak()), cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(20), cancellationToken).ConfigureAwait(false);

        var boot = CheckBoot(guest, HyperVSignature);
        var text = boot.Text("privileges") ?? "";
        ScenarioContext.Check(
            ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var privileges) && (privileges & NeededPrivileges) == NeededPrivileges,
            $"privileges: expected {NeededPrivileges:x16} among them, saw {text}");
        HypervisorExpectation.Check(guest, HypervisorSpec.HyperV.Enlightenments);
        VmBusExpectation.Check(guest, VmBusExpectation.BridgeVersion);
        CheckProcessors(guest);
        var soak = ScenarioContext.Single(guest, "soak");
        ScenarioContext.CheckEqual(cpus, soak.Number("cpus"), "processors used");
        ScenarioContext.CheckEqual(0, soak.Number("wrong"), "wrong checksums");
    }
}
