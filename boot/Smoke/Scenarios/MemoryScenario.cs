using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>Boots with an amount of memory, finds all of it, and loads the garbage collector for a moment.</summary>
/// <param name="memoryMiB">The memory.</param>
/// <param name="format">The medium: GRUB and QEMU make the memory map differently.</param>
internal sealed class MemoryScenario(int memoryMiB, ImageFormat format)
    : Scenario($"memory-{memoryMiB}-{format.ToString().ToLowerInvariant()}", $"{memoryMiB} MiB of memory, booted from {format.ToString().ToUpperInvariant()}")
{
    private const int SoakSeconds = 1;

    /// <summary>Kernel and firmware may keep this much of the memory from the map.</summary>
    private const long MostReserved = 16L << 20;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [format];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetAsync(format, cancellationToken).ConfigureAwait(false),
                MemoryMiB = memoryMiB,
                DebugExit = true,
                Append = ScenarioContext.Tests($"soak:{SoakSeconds}"),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(SoakSeconds), cancellationToken).ConfigureAwait(false);

        var given = (long)memoryMiB << 20;
        var memory = ScenarioContext.Single(guest, "boot").Number("memory") ?? 0;
        ScenarioContext.Check(memory <= given && memory >= given - MostReserved, $"memory: expected nearly {given} bytes, saw {memory}");
    }
}
