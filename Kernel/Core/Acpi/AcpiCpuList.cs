namespace GuestOS.Kernel.Core;

/// <summary>The processors of the MADT; a static of <see cref="AcpiTables"/>, never copied.</summary>
internal unsafe struct AcpiCpuList
{
    /// <summary>Local APIC ids, 8 bits of a local APIC or 32 bits of a local x2APIC.</summary>
    public fixed uint ApicId[AcpiTables.MaximumCpus];

    /// <summary>ACPI processor UIDs.</summary>
    public fixed uint Uid[AcpiTables.MaximumCpus];
}
