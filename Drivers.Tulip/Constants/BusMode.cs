namespace GuestOS.Drivers.Tulip;

/// <summary>CSR0 (21140A hardware reference 3.2.2.1).</summary>
internal static class BusMode
{
    /// <summary>Software reset.</summary>
    public const uint SoftwareReset = 1 << 0;

    /// <summary>PBL: most longwords of one burst.</summary>
    public const uint Burst16 = 16 << 8;

    /// <summary>CAL: bursts end at multiples of 16 longwords.</summary>
    public const uint Align16 = 2 << 14;

    /// <summary>Descriptors follow each other without a gap, little-endian, bursts of a cache line of 64 bytes.</summary>
    public const uint Normal = Burst16 | Align16;
}
