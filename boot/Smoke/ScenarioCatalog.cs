using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke.Lab;
using GuestOS.Boot.Smoke.Scenarios;

namespace GuestOS.Boot.Smoke;

/// <summary>All scenarios, in the order in which they are run: the ones that tell most come first.</summary>
internal static class ScenarioCatalog
{
    private static readonly int[] CpuCounts = [1, 2, 4];
    private static readonly int[] MemorySizes = [24, 32, 64, 250, 300, 4096, 6144];

    /// <summary>Sizes that are tried from GRUB too: the smallest, and one with memory above 4 GiB.</summary>
    private static readonly int[] MemorySizesFromGrub = [32, 6144];

    /// <summary>All scenarios, of every host.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Emulated(), .. LabCatalog.All];

    /// <summary>Scenarios by name; a star at the end stands for any end.</summary>
    /// <param name="names">Names; none means all.</param>
    /// <param name="host">The host that they run on; <see cref="HostChoice.Auto"/> means any.</param>
    /// <exception cref="Build.ToolException">There is no such scenario.</exception>
    public static IReadOnlyList<Scenario> Select(IReadOnlyList<string> names, string host)
    {
        var offered = host == HostChoice.Auto ? All : All.Where(scenario => scenario.HostName == host).ToList();
        if (names.Count == 0)
            return offered;
        foreach (var name in names)
            if (!offered.Any(scenario => Matches(scenario, name)))
                throw new Build.ToolException($"There is no scenario {name}{(host == HostChoice.Auto ? "" : $" of the host {host}")}; --list shows all.");
        return offered.Where(scenario => names.Any(name => Matches(scenario, name))).ToList();
    }

    private static IEnumerable<Scenario> Emulated() =>
        [.. Boots(), .. Memories(), .. Drives(), .. Links(), .. Ends(), .. CpuCounts.Select(cpus => new SoakScenario(cpus))];

    private static bool Matches(Scenario scenario, string name) =>
        name.EndsWith('*') ? scenario.Name.StartsWith(name[..^1], StringComparison.Ordinal) : scenario.Name == name;

    private static IEnumerable<Scenario> Boots()
    {
        foreach (var cpus in CpuCounts)
        {
            yield return new BootScenario(ImageFormat.Elf, FirmwareKind.Bios, Chipset.Pc, cpus);
            yield return new BootScenario(ImageFormat.Iso, FirmwareKind.Bios, Chipset.Pc, cpus);
            yield return new BootScenario(ImageFormat.Iso, FirmwareKind.Uefi, Chipset.Pc, cpus);
            yield return new BootScenario(ImageFormat.Img, FirmwareKind.Bios, Chipset.Pc, cpus);
            yield return new BootScenario(ImageFormat.Img, FirmwareKind.Uefi, Chipset.Pc, cpus);
        }

        yield return new BootScenario(ImageFormat.Elf, FirmwareKind.Bios, Chipset.Q35, 2);
        yield return new BootScenario(ImageFormat.Iso, FirmwareKind.Bios, Chipset.Q35, 2);
        yield return new BootScenario(ImageFormat.Iso, FirmwareKind.Uefi, Chipset.Q35, 2);
        yield return new BootScenario(ImageFormat.Img, FirmwareKind.Bios, Chipset.Q35, 2);
        yield return new BootScenario(ImageFormat.Vhd, FirmwareKind.Bios, Chipset.Pc, 1);
        yield return new BootScenario(ImageFormat.Vhdx, FirmwareKind.Bios, Chipset.Pc, 1);
        yield return new Linux64Scenario(1);
        yield return new Linux64Scenario(4);
    }

    private static IEnumerable<Scenario> Memories()
    {
        foreach (var size in MemorySizes)
            yield return new MemoryScenario(size, ImageFormat.Elf);
        foreach (var size in MemorySizesFromGrub)
            yield return new MemoryScenario(size, ImageFormat.Iso);
        yield return new LittleMemoryScenario(10, ImageFormat.Elf, "halted");
        yield return new LittleMemoryScenario(20, ImageFormat.Iso, "halted");
        yield return new LittleMemoryScenario(8, ImageFormat.Iso, "for GRUB's command line.");
    }

    private static IEnumerable<Scenario> Drives()
    {
        yield return new DiskWriteScenario("dma", 1);
        yield return new DiskWriteScenario("dma", 4);
        yield return new DiskWriteScenario("pio", 2);
        yield return new DiscChangeScenario();
        yield return new BrokenTableScenario();
        yield return new UnreadableSectorScenario();
    }

    private static IEnumerable<Scenario> Links()
    {
        yield return new LinkScenario("1cpu", 1, "");
        yield return new LinkScenario("2cpu", 2, "tulip.inline=1");
        yield return new LinkScenario("4cpu-memory-chained", 4, "tulip.window=memory tulip.descriptors=chained");
    }

    private static IEnumerable<Scenario> Ends()
    {
        yield return new SampleProgramScenario();
        yield return new ConsoleScenario();
        yield return new UnknownOptionScenario();
        yield return new QuietScenario();
        yield return new PowerOffScenario(Chipset.Pc);
        yield return new PowerOffScenario(Chipset.Q35);
        yield return new RebootScenario(ImageFormat.Elf, Chipset.Pc);
        yield return new RebootScenario(ImageFormat.Iso, Chipset.Q35);
        yield return new PanicScenario("unhandled", hasTrace: true);
        yield return new PanicScenario("failfast", hasTrace: true);
        yield return new PanicScenario("fault", hasTrace: false);
        yield return new PanicScenario("doublefault", hasTrace: false);
        yield return new PanicScenario("stack", hasTrace: false);
    }
}
