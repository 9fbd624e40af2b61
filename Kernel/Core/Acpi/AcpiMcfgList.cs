namespace GuestOS.Kernel.Core;

/// <summary>The memory-mapped PCI configuration windows of the MCFG; a static of <see cref="AcpiTables"/>, never copied.</summary>
internal unsafe struct AcpiMcfgList
{
    /// <summary>Physical address of bus 0 of the segment, even where the window begins with a later bus.</summary>
    public fixed ulong Address[AcpiTables.MaximumMcfg];

    /// <summary>PCI segment group.</summary>
    public fixed ushort Segment[AcpiTables.MaximumMcfg];

    /// <summary>First bus decoded.</summary>
    public fixed byte FirstBus[AcpiTables.MaximumMcfg];

    /// <summary>Last bus decoded.</summary>
    public fixed byte LastBus[AcpiTables.MaximumMcfg];
}
