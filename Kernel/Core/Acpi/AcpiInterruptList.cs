namespace GuestOS.Kernel.Core;

/// <summary>
/// Interrupt source overrides and NMI sources of the MADT; a static of <see cref="AcpiTables"/>, never copied.
/// Flags as in the table (ACPI 6.5, 5.2.12.5): bits 0-1 polarity, bits 2-3 trigger mode.
/// </summary>
internal unsafe struct AcpiInterruptList
{
    /// <summary>Global system interrupt of each ISA interrupt that has an override.</summary>
    public fixed uint OverrideGsi[AcpiTables.IsaInterrupts];

    /// <summary>Flags of each ISA interrupt that has an override.</summary>
    public fixed ushort OverrideFlags[AcpiTables.IsaInterrupts];

    /// <summary>1 where the ISA interrupt has an override.</summary>
    public fixed byte HasOverride[AcpiTables.IsaInterrupts];

    /// <summary>Global system interrupts that are non-maskable.</summary>
    public fixed uint NmiGsi[AcpiTables.MaximumNmis];

    /// <summary>Flags of the non-maskable global system interrupts.</summary>
    public fixed ushort NmiFlags[AcpiTables.MaximumNmis];

    /// <summary>Processor UID of each local APIC NMI; 0xFF or 0xFFFFFFFF: all.</summary>
    public fixed uint LocalNmiUid[AcpiTables.MaximumNmis];

    /// <summary>Flags of each local APIC NMI.</summary>
    public fixed ushort LocalNmiFlags[AcpiTables.MaximumNmis];

    /// <summary>LINT input (0 or 1) of each local APIC NMI.</summary>
    public fixed byte LocalNmiInput[AcpiTables.MaximumNmis];
}
