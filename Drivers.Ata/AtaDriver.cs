using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// IDE controllers of the PIIX kind: Intel PIIX3 and PIIX4 (the ones of QEMU and Hyper-V), and every PCI function of class 0101, with
/// legacy ports or native ones, with a bus master or without.
/// </summary>
public sealed class AtaDriver : IDriver
{
    private const ushort Intel = 0x8086;
    private const ushort Piix3Ide = 0x7010;
    private const ushort Piix4Ide = 0x7111;

    /// <inheritdoc/>
    public string Name => "ata";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches { get; } =
    [
        new PciIdMatch(Intel, Piix3Ide),
        new PciIdMatch(Intel, Piix4Ide),
        new PciClassMatch(1, 1),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device is PciDevice pci ? ControllerLayout.Of(pci).Requests : [];
    }

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context) => new IdeController(context);
}
