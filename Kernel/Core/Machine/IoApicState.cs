namespace GuestOS.Kernel.Core;

/// <summary>What <see cref="IoApic"/> knows of its controllers; a static, never copied.</summary>
internal unsafe struct IoApicState
{
    /// <summary>Addresses of the registers.</summary>
    public fixed ulong Address[AcpiTables.MaximumIoApics];

    /// <summary>First global system interrupt of each.</summary>
    public fixed uint GsiBase[AcpiTables.MaximumIoApics];

    /// <summary>Inputs of each.</summary>
    public fixed uint Pins[AcpiTables.MaximumIoApics];
}
