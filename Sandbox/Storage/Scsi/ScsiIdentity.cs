namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>What a logical unit calls itself.</summary>
public sealed record ScsiIdentity
{
    /// <summary>Up to 8 characters.</summary>
    public string Vendor { get; init; } = "Msft";

    /// <summary>Up to 16 characters.</summary>
    public string Product { get; init; } = "Virtual Disk";

    /// <summary>Up to 4 characters.</summary>
    public string Revision { get; init; } = "1.0";

    /// <summary>Serial number; empty leaves page 0x80 out.</summary>
    public string Serial { get; init; } = "";

    /// <summary>NAA identifier of page 0x83.</summary>
    public ulong Identifier { get; init; } = 0x6000_1550_0000_0001;
}
