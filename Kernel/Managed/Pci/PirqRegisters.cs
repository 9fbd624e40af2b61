using GuestOS.Kernel.Hardware;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>PIRQ route control registers, alike in PIIX and ICH: bit 7 set is "not routed", bits 3 to 0 are the ISA interrupt.</summary>
internal static class PirqRegisters
{
    private const byte Disabled = 0x80;
    private const byte IrqMask = 0x0F;

    /// <summary>Edge/level control registers, one bit an interrupt (PIIX3 section 2.5.9).</summary>
    private const ushort ElcrLow = 0x4D0;
    private const ushort ElcrHigh = 0x4D1;

    /// <summary>The interrupt of one register; when it routes nothing, IRQ 10 or 11 is set and made level-triggered.</summary>
    public static int ReadOrAssign(IPciConfiguration configuration, int offset, int pirq, IPortSpace ports)
    {
        byte value = configuration.Read8(offset);
        int irq = value & IrqMask;
        if ((value & Disabled) == 0 && irq >= 3)
            return irq;
        irq = 10 + (pirq & 1);
        ushort elcr = irq < 8 ? ElcrLow : ElcrHigh;
        ports.Out8(elcr, (byte)(ports.In8(elcr) | (1 << (irq & 7))));
        configuration.Write8(offset, (byte)irq);
        return irq;
    }
}
