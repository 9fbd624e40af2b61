using System.Globalization;

namespace GuestOS.Machine.Drivers;

/// <summary>Address of a PCI function.</summary>
/// <param name="Segment">PCI segment group, 0 on most machines.</param>
/// <param name="Bus">Bus number, 0 to 255.</param>
/// <param name="Device">Device number, 0 to 31.</param>
/// <param name="Function">Function number, 0 to 7.</param>
public readonly record struct PciAddress(ushort Segment, byte Bus, byte Device, byte Function)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Segment != 0 ? $"{Segment:x4}:" : "")}{Bus:x2}:{Device:x2}.{Function:x}");
}

/// <summary>One base address register, sized and decoded. <see cref="Length"/> 0 means not implemented.</summary>
/// <param name="Index">0 to 5.</param>
/// <param name="Space">Ports or memory.</param>
/// <param name="Address">Where firmware put it; 0 when unassigned.</param>
/// <param name="Length">Size in bytes.</param>
/// <param name="Is64Bit">It takes two registers.</param>
/// <param name="IsPrefetchable">Reads have no side effects.</param>
public readonly record struct PciBar(int Index, RegisterSpace Space, ulong Address, ulong Length, bool Is64Bit, bool IsPrefetchable);

/// <summary>Configuration space of one PCI function, as granted to its driver. Offsets 0 to 255 (4095 where the machine has ECAM).</summary>
public interface IPciConfiguration
{
    /// <summary>Reads a byte.</summary>
    byte Read8(int offset);

    /// <summary>Reads an aligned 16-bit word.</summary>
    ushort Read16(int offset);

    /// <summary>Reads an aligned 32-bit word.</summary>
    uint Read32(int offset);

    /// <summary>Writes a byte.</summary>
    void Write8(int offset, byte value);

    /// <summary>Writes an aligned 16-bit word.</summary>
    void Write16(int offset, ushort value);

    /// <summary>Writes an aligned 32-bit word.</summary>
    void Write32(int offset, uint value);
}

/// <summary>A PCI function found by enumeration.</summary>
public sealed class PciDevice : BusDevice
{
    /// <inheritdoc/>
    public override string Bus => "pci";

    /// <inheritdoc/>
    public override string Location => Address.ToString();

    /// <inheritdoc/>
    public override string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{VendorId:x4}:{DeviceId:x4} class {ClassCode:x2}{Subclass:x2}{ProgrammingInterface:x2} rev {Revision:x2}");

    /// <inheritdoc/>
    public override string Id => string.Create(CultureInfo.InvariantCulture, $"{VendorId:x4}:{DeviceId:x4}");

    /// <inheritdoc/>
    public override string Class => string.Create(CultureInfo.InvariantCulture, $"{ClassCode:x2}{Subclass:x2}{ProgrammingInterface:x2}");

    /// <summary>Where it is.</summary>
    public required PciAddress Address { get; init; }

    /// <summary>Offset 0.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>Offset 2.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Offset 8.</summary>
    public byte Revision { get; init; }

    /// <summary>Offset 11: base class.</summary>
    public byte ClassCode { get; init; }

    /// <summary>Offset 10.</summary>
    public byte Subclass { get; init; }

    /// <summary>Offset 9.</summary>
    public byte ProgrammingInterface { get; init; }

    /// <summary>Offset 0x2C.</summary>
    public ushort SubsystemVendorId { get; init; }

    /// <summary>Offset 0x2E.</summary>
    public ushort SubsystemId { get; init; }

    /// <summary>Offset 0x3D: 0 none, 1 to 4 for INTA# to INTD#.</summary>
    public byte InterruptPin { get; init; }

    /// <summary>Six entries; those that are not implemented have length 0.</summary>
    public required IReadOnlyList<PciBar> Bars { get; init; }

    /// <summary>The function's configuration space.</summary>
    public required IPciConfiguration Configuration { get; init; }
}
