using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// The kernel's third entry, the 64-bit Linux boot protocol. QEMU cannot start an ELF that way, so a loader of a few hundred bytes
/// (boot/Smoke/Loaders/linux64.asm) does: it gets the kernel as a module and leaves out all that the protocol leaves open, the ACPI root pointer included.
/// </summary>
/// <param name="cpus">Processors.</param>
internal sealed class Linux64Scenario(int cpus)
    : Scenario($"boot-elf-linux64-{cpus}cpu", $"ELF by the 64-bit Linux boot protocol, {cpus} CPU(s)")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [ImageFormat.Elf];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var kernel = await context.Media.GetAsync(ImageFormat.Elf, cancellationToken).ConfigureAwait(false);
        var loader = context.File("linux64.elf");
        var source = Path.Combine(context.Media.Repository.Root, "boot", "Smoke", "Loaders", "linux64.asm");
        await ToolProcess.RunAsync("nasm", ["-f", "bin", "-w+all", "-w+error", "-o", loader, source], cancellationToken: cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = new BootMedium(loader, ImageFormat.Elf),
                Initrd = kernel.Path,
                Cpus = cpus,
                DebugExit = true,
                Append = ScenarioContext.Tests("soak:1"),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);

        var boot = ScenarioContext.Single(guest, "boot");
        ScenarioContext.CheckEqual("linux64", boot.Text("protocol"), "boot protocol");
        ScenarioContext.CheckEqual(cpus, boot.Number("cpus"), "processors, which only the ACPI tables name");
        ScenarioContext.Check(
            boot.Text("commandLine")!.Contains("soak:1", StringComparison.Ordinal), "the command line of the zero page has not arrived");
    }
}
