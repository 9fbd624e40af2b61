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

    /// <summary>One past the highest usable byte.</summary>
    public ulong MemoryEnd { get; init; }

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
        $"{CpuCount} CPU{(CpuCount == 1 ? "" : "s")} {CpuBrand}, {MemoryBytes >> 20} MiB, {(HypervisorVendor.Length == 0 ? "no hypervisor" : HypervisorVendor)}, clock {ClockName}, interrupts {InterruptsName}, entered by {ProtocolName}");

    // Names by hand: an enumeration's ToString makes the runtime read its reflection data, a twentieth of the time until the machine is ready.
    private string ClockName => ClockSource switch
    {
        ClockSource.Tsc => "TSC",
        ClockSource.Hpet => "HPET",
        ClockSource.AcpiPm => "ACPI PM timer",
        ClockSource.Pit => "PIT",
        ClockSource.HyperV => "Hyper-V",
        _ => "none",
    };

    private string InterruptsName => InterruptController switch
    {
        InterruptControllerKind.Pic8259 => "8259",
        InterruptControllerKind.Apic => "APIC",
        _ => "x2APIC",
    };

    private string ProtocolName => Protocol switch
    {
        BootProtocol.Multiboot2 => "Multiboot2",
        BootProtocol.Pvh => "PVH",
        BootProtocol.Linux64 => "Linux 64-bit protocol",
        _ => "unknown loader",
    };
}
