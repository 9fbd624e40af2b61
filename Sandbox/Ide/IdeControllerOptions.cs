namespace GuestOS.Sandbox.Ide;

/// <summary>Kind of a simulated controller.</summary>
public sealed record IdeControllerOptions
{
    /// <summary>PCI vendor.</summary>
    public ushort VendorId { get; init; } = 0x8086;

    /// <summary>PCI device: 7111 is the PIIX4, 7010 the PIIX3.</summary>
    public ushort DeviceId { get; init; } = 0x7111;

    /// <summary>Both channels in native mode.</summary>
    public bool IsNative { get; init; }

    /// <summary>There is a BAR 4.</summary>
    public bool HasBusMaster { get; init; } = true;

    /// <summary>From a line's rise to the handler.</summary>
    public TimeSpan InterruptLatency { get; init; } = TimeSpan.FromMicroseconds(5);
}
