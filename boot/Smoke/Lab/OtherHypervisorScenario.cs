using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A machine without Hyper-V's interface: the guest does not take it for one, and works.</summary>
/// <param name="name">The hypervisor, for the scenario's name.</param>
/// <param name="hypervisor">What the machine shows.</param>
/// <param name="signature">What the guest must report.</param>
internal sealed class OtherHypervisorScenario(string name, HypervisorSpec hypervisor, string signature)
    : LabScenario($"hypervisor-{name}", signature.Length == 0 ? "No hypervisor is announced: the guest reports none" : $"{signature} at 0x40000000, Hyper-V nowhere: the guest reports that")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, ScenarioContext.Tests(Soak(hasClock: false)), cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine with { Hypervisor = hypervisor }, TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);
        var boot = CheckBoot(guest, signature);
        ScenarioContext.CheckEqual(null, boot.Text("privileges"), "privileges");
        var used = ScenarioContext.Single(guest, "hypervisor");
        foreach (var member in (string[])["interface", "hypercall", "synic", "crash"])
            ScenarioContext.CheckEqual("none", used.Text(member), member);
        ScenarioContext.CheckEqual(0, guest.Events.Of("vmbus").Count, "events of VMBus");
        ScenarioContext.CheckEqual(0, ScenarioContext.Single(guest, "soak").Number("wrong"), "wrong checksums");
    }
}
