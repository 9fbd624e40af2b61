namespace GuestOS.Kernel.Core;

/// <summary>The I/O APICs of the MADT; a static of <see cref="AcpiTables"/>, never copied.</summary>
internal unsafe struct AcpiIoApicList
{
    /// <summary>Physical addresses of the registers.</summary>
    public fixed ulong Address[AcpiTables.MaximumIoApics];

    /// <summary>First global system interrupt of each.</summary>
    public fixed uint GsiBase[AcpiTables.MaximumIoApics];

    /// <summary>I/O APIC ids.</summary>
    public fixed byte Id[AcpiTables.MaximumIoApics];
}
