namespace GuestOS.Kernel.Core;

/// <summary>The header that all system description tables begin with (ACPI 6.5, 5.2.6), and the checks before a table is used.</summary>
internal static unsafe class AcpiTable
{
    /// <summary>Length of the header; a table's own fields begin here.</summary>
    public const uint HeaderLength = 36;

    /// <summary>Longest table that is looked at. The largest DSDTs of servers stay below 1 MiB.</summary>
    public const uint MaximumLength = 4 * 1024 * 1024;

    /// <summary>"APIC": the MADT.</summary>
    public const uint Madt = 0x43495041;

    /// <summary>"FACP": the FADT.</summary>
    public const uint Fadt = 0x50434146;

    /// <summary>"HPET".</summary>
    public const uint Hpet = 0x54455048;

    /// <summary>"MCFG".</summary>
    public const uint Mcfg = 0x4746434D;

    /// <summary>"DSDT".</summary>
    public const uint Dsdt = 0x54445344;

    /// <summary>"SSDT".</summary>
    public const uint Ssdt = 0x54445353;

    /// <summary>"RSDT".</summary>
    public const uint Rsdt = 0x54445352;

    /// <summary>"XSDT".</summary>
    public const uint Xsdt = 0x54445358;

    /// <summary>The table's four signature characters, the first in the lowest byte.</summary>
    public static uint Signature(byte* table) => *(uint*)table;

    /// <summary>The table's length with its header; within bounds once <see cref="Open"/> has returned the table.</summary>
    public static uint Length(byte* table) => *(uint*)(table + 4);

    /// <summary>The table's revision.</summary>
    public static byte Revision(byte* table) => table[8];

    /// <summary>The table at an address when it lies in readable memory, its length is sane and its bytes sum to zero; otherwise null.</summary>
    public static byte* Open(ulong address)
    {
        if (!AcpiMemory.Contains(address, HeaderLength))
            return null;
        var table = (byte*)address;
        uint length = Length(table);
        if (length < HeaderLength || length > MaximumLength || !AcpiMemory.Contains(address, length))
        {
            AcpiTables.RefusedTables++;
            return null;
        }

        if (Sum(table, length) != 0)
        {
            AcpiTables.RefusedTables++;
            return null;
        }

        return table;
    }

    /// <summary>The sum of the bytes modulo 256; zero for an intact table.</summary>
    public static byte Sum(byte* bytes, uint length)
    {
        uint sum = 0;
        for (uint i = 0; i < length; i++)
            sum += bytes[i];
        return (byte)sum;
    }
}
