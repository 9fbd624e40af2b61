namespace GuestOS.Kernel.Core;

/// <summary>A register by the Generic Address Structure (ACPI 6.5, 5.2.3.2).</summary>
internal struct AcpiRegister
{
    /// <summary>Address space: memory.</summary>
    public const byte Memory = 0;

    /// <summary>Address space: I/O ports.</summary>
    public const byte Ports = 1;

    /// <summary>Address space: PCI configuration of bus 0; device in bits 32-47, function in 16-31, offset in 0-15.</summary>
    public const byte PciConfiguration = 2;

    /// <summary>Physical address, port or PCI location; 0 when the register does not exist.</summary>
    public ulong Address;

    /// <summary>One of the address spaces above.</summary>
    public byte Space;

    /// <summary>Width in bits.</summary>
    public byte Width;

    /// <summary>True when there is such a register and the kernel knows how to reach it.</summary>
    public readonly bool Exists => Address != 0 && Space <= PciConfiguration && (Space != Ports || Address <= 0xFFFF);

    /// <summary>Reads the structure from a table.</summary>
    public static unsafe void Parse(byte* bytes, ref AcpiRegister register)
    {
        register.Space = bytes[0];
        register.Width = bytes[1];
        register.Address = *(ulong*)(bytes + 4);
    }

    /// <summary>An I/O register that a table names by its port alone.</summary>
    public static void FromPort(uint port, byte width, ref AcpiRegister register)
    {
        register.Space = Ports;
        register.Width = width;
        register.Address = port;
    }
}
