namespace GuestOS.Kernel.Core;

/// <summary>Reads and writes the few fixed-hardware registers that firmware describes: at most 16 bits are needed.</summary>
internal static class AcpiRegisterAccess
{
    private const ushort ConfigurationAddress = 0xCF8;
    private const ushort ConfigurationData = 0xCFC;

    /// <summary>Reads 16 bits of a register in ports or memory; 0 for other spaces.</summary>
    public static ushort Read16(ref AcpiRegister register)
    {
        if (!register.Exists)
            return 0;
        return register.Space switch
        {
            AcpiRegister.Ports => Cpu.In16((ushort)register.Address),
            AcpiRegister.Memory => Mmio.Read16(register.Address),
            _ => 0,
        };
    }

    /// <summary>Writes 16 bits of a register in ports or memory.</summary>
    public static void Write16(ref AcpiRegister register, ushort value)
    {
        if (!register.Exists)
            return;
        if (register.Space == AcpiRegister.Ports)
            Cpu.Out16((ushort)register.Address, value);
        else if (register.Space == AcpiRegister.Memory)
            Mmio.Write16(register.Address, value);
    }

    /// <summary>Writes 8 bits of a register in ports, memory or PCI configuration space of bus 0.</summary>
    public static void Write8(ref AcpiRegister register, byte value)
    {
        if (!register.Exists)
            return;
        switch (register.Space)
        {
            case AcpiRegister.Ports:
                Cpu.Out8((ushort)register.Address, value);
                break;
            case AcpiRegister.Memory:
                Mmio.Write8(register.Address, value);
                break;
            case AcpiRegister.PciConfiguration:
                uint device = (uint)(register.Address >> 32) & 0x1F;
                uint function = (uint)(register.Address >> 16) & 7;
                uint offset = (uint)register.Address & 0xFF;
                Cpu.Out32(ConfigurationAddress, 0x8000_0000 | device << 11 | function << 8 | (offset & 0xFC));
                Cpu.Out8((ushort)(ConfigurationData + (offset & 3)), value);
                break;
        }
    }
}
