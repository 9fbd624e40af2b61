namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>What a disk is like.</summary>
public sealed record ScsiDiskOptions
{
    /// <summary>Bytes of a logical block.</summary>
    public int BlockSize { get; init; } = 512;

    /// <summary>Bytes of a physical block.</summary>
    public int PhysicalBlockSize { get; init; } = 4096;

    /// <summary>Writes are refused.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>UNMAP, WRITE SAME with its bit, and pages 0xB0 and 0xB2.</summary>
    public bool CanUnmap { get; init; } = true;

    /// <summary>WCE of the caching mode page.</summary>
    public bool HasWriteCache { get; init; } = true;

    /// <summary>Blocks of one UNMAP at most.</summary>
    public uint MostUnmapBlocks { get; init; } = 0x40_0000;

    /// <summary>Ranges of one UNMAP at most.</summary>
    public uint MostUnmapRanges { get; init; } = 256;
}
