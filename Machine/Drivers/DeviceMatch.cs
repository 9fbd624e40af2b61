namespace GuestOS.Machine.Drivers;

/// <summary>One kind of device that a driver declares itself for. The more specific match wins.</summary>
public abstract record DeviceMatch
{
    /// <summary>0 when the device does not match; otherwise higher is more specific.</summary>
    public abstract int Score(BusDevice device);
}

/// <summary>A PCI function by its vendor and device id.</summary>
/// <param name="VendorId">Vendor id.</param>
/// <param name="DeviceId">Device id.</param>
public sealed record PciIdMatch(ushort VendorId, ushort DeviceId) : DeviceMatch
{
    /// <inheritdoc/>
    public override int Score(BusDevice device) =>
        device is PciDevice pci && pci.VendorId == VendorId && pci.DeviceId == DeviceId ? 2 : 0;
}

/// <summary>A PCI function by its class and subclass.</summary>
/// <param name="ClassCode">Base class.</param>
/// <param name="Subclass">Subclass.</param>
public sealed record PciClassMatch(byte ClassCode, byte Subclass) : DeviceMatch
{
    /// <inheritdoc/>
    public override int Score(BusDevice device) =>
        device is PciDevice pci && pci.ClassCode == ClassCode && pci.Subclass == Subclass ? 1 : 0;
}
