namespace GuestOS.Kernel.Core;

/// <summary>
/// The Fixed ACPI Description Table (ACPI 6.5, 5.2.9). Older revisions are shorter: a field beyond the length does not exist.
/// An extended (64-bit) field wins over the old one when it is not zero.
/// </summary>
internal static unsafe class FadtParser
{
    private const uint TimerIs32Bit = 1 << 8;
    private const uint ResetSupported = 1 << 10;
    private const uint IsHardwareReduced = 1 << 20;

    /// <summary>Records the table and reads the DSDT behind it; only the first one of a machine counts.</summary>
    public static void Parse(byte* table, uint length)
    {
        if (length < 116 || AcpiTables.HasFadt)
            return;
        AcpiTables.HasFadt = true;
        AcpiTables.SciInterrupt = *(ushort*)(table + 46);
        AcpiTables.SmiCommandPort = *(uint*)(table + 48);
        AcpiTables.AcpiEnableCommand = table[52];
        AcpiTables.CenturyIndex = (byte)(table[108] < 128 ? table[108] : 0);

        uint flags = *(uint*)(table + 112);
        AcpiTables.HardwareReduced = (flags & IsHardwareReduced) != 0;
        AcpiTables.PmTimer32Bit = (flags & TimerIs32Bit) != 0;

        ParseBootFlags(table);
        if (AcpiTables.HardwareReduced)
        {
            if (length >= 256)
                AcpiRegister.Parse(table + 244, ref AcpiTables.SleepControl);
        }
        else
        {
            ParseRegister(table, length, 64, table[89], 172, ref AcpiTables.Pm1aControl);
            ParseRegister(table, length, 68, table[89], 184, ref AcpiTables.Pm1bControl);
            if (table[91] == 4)
                ParseRegister(table, length, 76, 4, 208, ref AcpiTables.PmTimer);
        }

        if (length >= 129 && (flags & ResetSupported) != 0)
        {
            AcpiRegister.Parse(table + 116, ref AcpiTables.ResetRegister);
            AcpiTables.ResetValue = table[128];
        }

        ulong dsdt = length >= 148 ? *(ulong*)(table + 140) : 0;
        if (!ScanDsdt(dsdt))
            ScanDsdt(*(uint*)(table + 40));
    }

    // IA-PC boot architecture flags (ACPI 6.5, table 5.11). ACPI 1.0 had none there: everything may exist.
    private static void ParseBootFlags(byte* table)
    {
        if (AcpiTable.Revision(table) < 2)
            return;
        uint boot = *(ushort*)(table + 109);
        AcpiTables.LegacyDevices = (boot & 1) != 0;
        AcpiTables.HasKeyboardController = (boot & 2) != 0;
        AcpiTables.HasVga = (boot & 4) == 0;
        AcpiTables.AllowsMsi = (boot & 8) == 0;
        AcpiTables.HasRtc = (boot & 32) == 0;
    }

    private static void ParseRegister(byte* table, uint length, uint port, byte bytes, uint extended, ref AcpiRegister register)
    {
        if (length >= extended + 12)
        {
            AcpiRegister.Parse(table + extended, ref register);
            if (register.Exists)
                return;
        }

        AcpiRegister.FromPort(*(uint*)(table + port), (byte)(bytes * 8), ref register);
    }

    private static bool ScanDsdt(ulong address)
    {
        byte* dsdt = address == 0 ? null : AcpiTable.Open(address);
        if (dsdt == null || AcpiTable.Signature(dsdt) != AcpiTable.Dsdt)
            return false;
        SleepTypeScan.Scan(dsdt + AcpiTable.HeaderLength, AcpiTable.Length(dsdt) - AcpiTable.HeaderLength);
        return true;
    }
}
