using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// Boots a medium, which the kernel then reads through its own ATA driver: the whole of it by DMA and by PIO, and one file. The hashes
/// must be those that the host computes.
/// </summary>
/// <param name="format">The medium.</param>
/// <param name="firmware">The firmware; an ELF is started without any.</param>
/// <param name="chipset">The board.</param>
/// <param name="cpus">Processors.</param>
internal sealed class BootScenario(ImageFormat format, FirmwareKind firmware, Chipset chipset, int cpus)
    : Scenario(NameOf(format, firmware, chipset, cpus), Describe(format, firmware, chipset, cpus))
{
    private const int MemoryMiB = 256;

    /// <summary>Kernel and firmware may keep this part (one in so many) of the memory from the map.</summary>
    private const int ReservedPart = 16;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => format == ImageFormat.Elf ? [ImageFormat.Elf, ImageFormat.Iso] : [format];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var boot = await context.Media.GetAsync(format, cancellationToken).ConfigureAwait(false);
        var (medium, disk, drives) = (boot, "boot", Array.Empty<Drive>());
        if (format == ImageFormat.Elf)
        {
            // An ELF is handed over in memory; the disc beside it is what the ATA driver reads.
            medium = await context.Media.GetAsync(ImageFormat.Iso, cancellationToken).ConfigureAwait(false);
            disk = "ata1.0";
            drives = [new Drive(1, 0, DriveKind.Disc) { Path = medium.Path, Format = ImageFormat.Iso }];
        }

        var expected = await HostView.HashAsync(medium, GrubLoader.KernelPath, context, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = boot,
                Drives = drives,
                Firmware = firmware,
                Chipset = chipset,
                Cpus = cpus,
                MemoryMiB = MemoryMiB,
                DebugExit = true,
                Append = ScenarioContext.Tests($"hash:{disk}:dma", $"hash:{disk}:pio", $"hash:{disk}:{GrubLoader.KernelPath}"),
            },
            cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);

        CheckBoot(guest);
        var hashes = guest.Events.Of("hash");
        ScenarioContext.CheckEqual(3, hashes.Count, "hash events");
        CheckHash(hashes[0], "dma", expected.Length, expected.Whole);
        CheckHash(hashes[1], "pio", expected.Length, expected.Whole);
        ScenarioContext.CheckEqual(GrubLoader.KernelPath, hashes[2].Text("path"), "path of the file");
        ScenarioContext.CheckEqual(expected.File, hashes[2].Text("sha256"), "SHA-256 of the file");
        if (format != ImageFormat.Elf)
            ScenarioContext.Check(guest.Events.Of("disk").Any(e => e.Text("boot") == "true"), "no disk is marked as the boot medium");
    }

    private static string NameOf(ImageFormat format, FirmwareKind firmware, Chipset chipset, int cpus)
    {
        var medium = format.ToString().ToLowerInvariant();
        var start = format == ImageFormat.Elf ? "pvh" : firmware.ToString().ToLowerInvariant();
        var board = chipset == Chipset.Pc ? "" : "-" + chipset.ToString().ToLowerInvariant();
        return $"boot-{medium}-{start}{board}-{cpus}cpu";
    }

    private static string Describe(ImageFormat format, FirmwareKind firmware, Chipset chipset, int cpus)
    {
        var start = format == ImageFormat.Elf ? "PVH" : firmware == FirmwareKind.Bios ? "BIOS" : "UEFI";
        return $"{format.ToString().ToUpperInvariant()} by {start} on {(chipset == Chipset.Pc ? "pc" : "q35")}, {cpus} CPU(s); medium hashed by DMA and PIO";
    }

    private static void CheckHash(GuestEvent hash, string mode, long length, string sha256)
    {
        ScenarioContext.CheckEqual(mode, hash.Text("mode"), "transfer mode");
        ScenarioContext.CheckEqual(length, hash.Number("length"), $"length of the medium by {mode}");
        ScenarioContext.CheckEqual(sha256, hash.Text("sha256"), $"SHA-256 of the medium by {mode}");
    }

    private void CheckBoot(IGuest guest)
    {
        var boot = ScenarioContext.Single(guest, "boot");
        ScenarioContext.CheckEqual(format == ImageFormat.Elf ? "pvh" : "multiboot2", boot.Text("protocol"), "boot protocol");
        ScenarioContext.CheckEqual(cpus, boot.Number("cpus"), "processors");
        const long given = (long)MemoryMiB << 20;
        var memory = boot.Number("memory") ?? 0;
        ScenarioContext.Check(memory <= given && memory >= given - given / ReservedPart, $"memory: expected nearly {given} bytes, saw {memory}");
        ScenarioContext.Single(guest, "runtime");
        ScenarioContext.Single(guest, "ready");
    }
}
