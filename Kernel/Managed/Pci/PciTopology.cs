using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>What enumeration found.</summary>
internal sealed class PciTopology
{
    private readonly Dictionary<(ushort Segment, byte Bus), PciAddress> _bridges = [];
    private readonly List<PciDevice> _devices = [];

    /// <summary>All functions in the order in which they were found.</summary>
    public IReadOnlyList<PciDevice> Devices => _devices;

    /// <summary>Adds a function.</summary>
    public void Add(PciDevice device) => _devices.Add(device);

    /// <summary>Notes that a bus is behind a bridge; false when the bus is known already.</summary>
    public bool TryAddBus(ushort segment, byte bus, PciAddress bridge) => _bridges.TryAdd((segment, bus), bridge);

    /// <summary>The bridge before a bus; false for a root bus.</summary>
    public bool TryGetBridge(PciAddress address, out PciAddress bridge) => _bridges.TryGetValue((address.Segment, address.Bus), out bridge);
}
