namespace GuestOS.Sandbox.Ide;

/// <summary>Properties of a simulated disk.</summary>
public sealed record IdeDiskOptions
{
    /// <summary>Logical blocks.</summary>
    public ulong BlockCount { get; init; } = 65536;

    /// <summary>Bytes in a logical block: 512 or 4096.</summary>
    public int BlockSize { get; init; } = 512;

    /// <summary>Logical blocks in a physical one, as a power of two.</summary>
    public int PhysicalExponent { get; init; }

    /// <summary>48-bit commands.</summary>
    public bool HasLba48 { get; init; } = true;

    /// <summary>Most sectors for one DRQ; 0 without READ MULTIPLE.</summary>
    public int MaximumMultiple { get; init; } = 16;

    /// <summary>DMA offered.</summary>
    public bool HasDma { get; init; } = true;

    /// <summary>Firmware has selected a DMA mode.</summary>
    public bool HasSelectedMode { get; init; } = true;

    /// <summary>TRIM offered.</summary>
    public bool HasTrim { get; init; } = true;

    /// <summary>A volatile write cache that is on.</summary>
    public bool HasWriteCache { get; init; } = true;

    /// <summary>Model name, up to 40 characters.</summary>
    public string Model { get; init; } = "SANDBOX HARDDISK";

    /// <summary>Serial number, up to 20 characters.</summary>
    public string Serial { get; init; } = "SB0001";
}
