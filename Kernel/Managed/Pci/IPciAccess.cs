using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>A way to the configuration space of all functions. Offsets are aligned and inside <see cref="Length"/>. An absent function reads as all ones.</summary>
internal interface IPciAccess
{
    /// <summary>Bytes of configuration space a function: 256 or 4096.</summary>
    int Length { get; }

    byte Read8(PciAddress address, int offset);

    ushort Read16(PciAddress address, int offset);

    uint Read32(PciAddress address, int offset);

    void Write8(PciAddress address, int offset, byte value);

    void Write16(PciAddress address, int offset, ushort value);

    void Write32(PciAddress address, int offset, uint value);
}
