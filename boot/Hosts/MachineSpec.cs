using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts;

/// <summary>A machine to start.</summary>
internal sealed record MachineSpec
{
    /// <summary>Names the run in messages and kept files: letters, digits, dots and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>The board.</summary>
    public Chipset Chipset { get; init; } = Chipset.Pc;

    /// <summary>The firmware.</summary>
    public FirmwareKind Firmware { get; init; } = FirmwareKind.Bios;

    /// <summary>Processors, at least 1.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMiB { get; init; } = 256;

    /// <summary>Most memory that the machine can grow to, in MiB; 0 when it cannot grow.</summary>
    public int MaxMemoryMiB { get; init; }

    /// <summary>Slots for memory modules that are plugged in while it runs.</summary>
    public int MemorySlots { get; init; }

    /// <summary>The hypervisor's face; null for the best that the host has.</summary>
    public HypervisorSpec? Hypervisor { get; init; }

    /// <summary>Whether there is a graphics adapter.</summary>
    public bool HasDisplay { get; init; } = true;

    /// <summary>Kernel options, added to those that the image carries.</summary>
    public string Append { get; init; } = "";

    /// <summary>What the machine is started from. An ISO is a disc on channel 1, a disk is drive 0 on channel 0.</summary>
    public required BootMedium Boot { get; init; }

    /// <summary>A file that direct boot hands over with the kernel (a Linux kernel's initramfs); null for none.</summary>
    public string? Initrd { get; init; }

    /// <summary>Further drives on the IDE channels.</summary>
    public IReadOnlyList<Drive> Drives { get; init; } = [];

    /// <summary>A network adapter; null for none.</summary>
    public NetworkAdapter? Network { get; init; }

    /// <summary>Gives the machine the port at 0xF4 by which a guest ends the machine with a status.</summary>
    public bool DebugExit { get; init; }

    /// <summary>Ends the machine when the guest resets it, rather than starting again.</summary>
    public bool StopOnReset { get; init; } = true;
}

/// <summary>What a machine is started from.</summary>
/// <param name="Path">The image file; never written to.</param>
/// <param name="Format">Its format.</param>
/// <param name="Symbols">The kernel in it with its symbols, <see cref="ElfSymbols.TryLoad"/>; null when nobody knows.</param>
internal sealed record BootMedium(string Path, ImageFormat Format, string? Symbols = null);

/// <summary>Boards that can be had.</summary>
internal enum Chipset
{
    /// <summary>i440FX with PIIX3, PCI, legacy IDE.</summary>
    Pc,

    /// <summary>Q35 with ICH9, PCI Express; for its IDE drives it gets a PIIX4 on the PCI bus.</summary>
    Q35,
}

/// <summary>Firmware of a machine.</summary>
internal enum FirmwareKind
{
    /// <summary>PC BIOS.</summary>
    Bios,

    /// <summary>UEFI.</summary>
    Uefi,
}
