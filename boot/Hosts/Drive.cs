using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts;

/// <summary>A drive on one of the two IDE channels.</summary>
/// <param name="Channel">0 or 1.</param>
/// <param name="Unit">0 (master) or 1 (slave).</param>
/// <param name="Kind">Disk or disc drive.</param>
internal sealed record Drive(int Channel, int Unit, DriveKind Kind)
{
    /// <summary>The medium; null for a disc drive without a disc.</summary>
    public string? Path { get; init; }

    /// <summary>Format of the medium's file.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.Img;

    /// <summary>Whether the guest's writes reach the file. Otherwise they are forgotten when the machine ends.</summary>
    public bool Persistent { get; init; }

    /// <summary>The machine's firmware starts from this drive.</summary>
    public bool IsBoot { get; init; }

    /// <summary>A 512-byte sector of which every read fails.</summary>
    public long? UnreadableSector { get; init; }

    /// <summary>Serial number that the drive reports; empty for the host's own.</summary>
    public string Serial { get; init; } = "";

    /// <summary>The drive's name on the host and in the guest: channel and unit.</summary>
    public string Name => $"ata{Channel}.{Unit}";
}

/// <summary>Kinds of drives.</summary>
internal enum DriveKind
{
    /// <summary>A hard disk (ATA).</summary>
    Disk,

    /// <summary>A disc drive (ATAPI).</summary>
    Disc,
}
