using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// Boots with an amount of memory, finds all of it, and loads the garbage collector for a moment. A small machine also gives native code all
/// memory that there is, and has it.
/// </summary>
/// <param name="memoryMiB">The memory.</param>
/// <param name="format">The medium: GRUB and QEMU make the memory map differently.</param>
internal sealed class MemoryScenario(int memoryMiB, ImageFormat format)
    : Scenario($"memory-{memoryMiB}-{format.ToString().ToLowerInvariant()}", $"{memoryMiB} MiB of memory, booted from {format.ToString().ToUpperInvariant()}")
{
    private const int SoakSeconds = 1;

    /// <summary>The build host has to back every page that the guest writes.</summary>
    private const int LargestToFillMiB = 512;

    private const int PageSize = 4096;

    /// <summary>Kernel and firmware may keep this much of the memory from the map.</summary>
    private const long MostReserved = 16L << 20;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [format];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var soak = $"soak:{SoakSeconds}";
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetAsync(format, cancellationToken).ConfigureAwait(false),
                MemoryMiB = memoryMiB,
                DebugExit = true,
                Append = ScenarioContext.Tests(memoryMiB <= LargestToFillMiB ? [soak, "native"] : [soak]),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(SoakSeconds), cancellationToken).ConfigureAwait(false);

        var given = (long)memoryMiB << 20;
        var memory = ScenarioContext.Single(guest, "boot").Number("memory") ?? 0;
        ScenarioContext.Check(memory <= given && memory >= given - MostReserved, $"memory: expected nearly {given} bytes, saw {memory}");
        if (memoryMiB > LargestToFillMiB)
            return;

        // What the collector has committed and not touched, and the reserve, are not to be had.
        var native = ScenarioContext.Single(guest, "native");
        var free = native.Number("freeBefore") * PageSize;
        ScenarioContext.Check(native.Number("granted") >= free / 2, $"native memory: of {free} bytes that were free only {native.Number("granted")} were granted");
        context.Remark($"{native.Number("granted") >> 20} of {free >> 20} MiB granted to native code");
    }
}
