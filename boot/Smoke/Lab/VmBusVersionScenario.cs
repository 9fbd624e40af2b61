namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The guest asks for an old version of VMBus, and works with it.</summary>
/// <param name="version">The version.</param>
internal sealed class VmBusVersionScenario(string version)
    : LabScenario("vmbus-" + version.Replace('.', '-'), $"VMBus held to version {version}: connects, serves dynamic memory, disconnects before the machine stops")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, $"vmbus.version={version} {ScenarioContext.Tests("processors")}", cancellationToken).ConfigureAwait(false);
        var guest = await RunAsync(context, machine, TimeSpan.FromSeconds(20), cancellationToken).ConfigureAwait(false);
        CheckBoot(guest, HyperVSignature);
        VmBusExpectation.Check(guest, version);
    }
}
