using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The host adds memory far above the machine's own; the guest uses all of it.</summary>
internal sealed class HotAddScenario() : BalloonScenario("hot-add", "Dynamic memory: the host adds memory 32 GiB up; every page of it is used")
{
    private const int AddedMiB = 512;

    /// <summary>QEMU places what it adds at a multiple of 32 GiB, so the machine has to reach that far.</summary>
    private const int MaxMemoryMiB = 70 << 10;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, "", cancellationToken).ConfigureAwait(false);
        machine = machine with
        {
            Append = ScenarioContext.Tests("balloon:80", "touch"),
            MaxMemoryMiB = MaxMemoryMiB,
            MemorySlots = 2,
            Hypervisor = HypervisorSpec.HyperV with { Balloon = new BalloonSpec { AddableMiB = AddedMiB } },
        };
        var guest = await BootAgreedAsync(context, machine, cancellationToken).ConfigureAwait(false);
        var left = await MoveAsync(context, guest, (MemoryMiB + AddedMiB) * MiB, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual((MemoryMiB + AddedMiB) * MiB, left, "memory of the guest");
        await context.EndPassedAsync(guest, 2 * LabTime, cancellationToken).ConfigureAwait(false);
        var touch = ScenarioContext.Single(guest, "touch");
        ScenarioContext.CheckEqual(AddedMiB * MiB / PageSize, touch.Number("hotAdded"), "pages that were added");
        ScenarioContext.Check(
            touch.Number("length") > (MemoryMiB + (AddedMiB / 2)) * MiB, $"of {MemoryMiB + AddedMiB} MiB the guest touched only {touch.Number("length")} bytes");
    }
}
