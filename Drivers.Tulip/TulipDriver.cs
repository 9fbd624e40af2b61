using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Tulip;

/// <summary>Network adapters with a DECchip 21140 (the legacy adapter of Hyper-V's generation 1) or 21143 (QEMU's <c>tulip</c>).</summary>
public sealed class TulipDriver : IDriver
{
    internal const string PortsName = "ports";
    internal const string MemoryName = "memory";
    internal const string InterruptName = "interrupt";

    private const ushort Digital = 0x1011;
    private const ushort Dec21140 = 0x0009;
    private const ushort Dec21143 = 0x0019;
    private const int PortsBar = 0;
    private const int MemoryBar = 1;

    private readonly DeviceNumbers _numbers = new();

    /// <inheritdoc/>
    public string Name => "tulip";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches { get; } = [new PciIdMatch(Digital, Dec21140), new PciIdMatch(Digital, Dec21143)];

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device is not PciDevice pci)
            return [];
        var requests = new List<ResourceRequest>();
        if (IsUsable(pci, PortsBar, RegisterSpace.Port))
            requests.Add(new BarRequest(PortsName, PortsBar, 0, ChipRegisters.Length));
        if (IsUsable(pci, MemoryBar, RegisterSpace.Memory))
            requests.Add(new BarRequest(MemoryName, MemoryBar, 0, ChipRegisters.Length));
        requests.Add(new PciInterruptRequest(InterruptName));
        return requests;
    }

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new TulipController(context, ((PciDevice)context.Device).DeviceId == Dec21140 ? ChipKind.Dec21140 : ChipKind.Dec21143, _numbers);
    }

    /// <summary>Both are the same registers; one is enough.</summary>
    private static bool IsUsable(PciDevice device, int index, RegisterSpace space)
    {
        var bar = device.Bars[index];
        return bar.Space == space && bar.Address != 0 && bar.Length >= ChipRegisters.Length;
    }
}
