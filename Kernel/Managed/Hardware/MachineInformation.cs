using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>What the low-level kernel found, as managed values. Constant.</summary>
internal sealed record MachineInformation
{
    public required BootProtocol Protocol { get; init; }

    public MachineFlags Flags { get; init; }

    public uint CpuCount { get; init; } = 1;

    public uint CpuPresent { get; init; } = 1;

    public ClockSource ClockSource { get; init; }

    public InterruptControllerKind InterruptController { get; init; }

    /// <summary>Hertz; 0 when unknown.</summary>
    public ulong TscFrequency { get; init; }

    /// <summary>Usable memory in bytes.</summary>
    public ulong MemoryBytes { get; init; }

    /// <summary>Guest-physical address of the ACPI MCFG table; 0 when there is none.</summary>
    public ulong McfgTable { get; init; }

    public string CpuBrand { get; init; } = "";

    /// <summary>Empty on bare hardware.</summary>
    public string HypervisorVendor { get; init; } = "";

    public string LoaderName { get; init; } = "";

    public string CommandLine { get; init; } = "";

    /// <summary>The machine in one line, for the console's banner.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{CpuCount} CPU{(CpuCount == 1 ? "" : "s")} {CpuBrand}, {MemoryBytes >> 20} MiB, {(HypervisorVendor.Length == 0 ? "no hypervisor" : HypervisorVendor)}, clock {ClockSource}, interrupts {InterruptController}, entered by {Protocol}");
}
