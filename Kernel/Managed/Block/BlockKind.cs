namespace GuestOS.Kernel.Block;

/// <summary>What a block device is, as the <c>disk</c> event says it.</summary>
public enum BlockKind
{
    /// <summary>A disk.</summary>
    Disk,

    /// <summary>An optical drive.</summary>
    CdRom,

    /// <summary>A part of a disk.</summary>
    Partition,
}
