namespace GuestOS.Machine.Block;

/// <summary>What a block device looks like. Changes only when a removable medium does.</summary>
public sealed record BlockGeometry
{
    /// <summary>Bytes in a logical block: the unit of every request. A power of two from 512 up (2048 for optical media).</summary>
    public required int BlockSize { get; init; }

    /// <summary>Number of logical blocks; 0 when no medium is present.</summary>
    public required ulong BlockCount { get; init; }

    /// <summary>Bytes in a physical block, at least <see cref="BlockSize"/>; a hint for alignment.</summary>
    public int PhysicalBlockSize { get; init; }

    /// <summary>Writes are refused.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The medium can be taken out.</summary>
    public bool IsRemovable { get; init; }

    /// <summary><see cref="IBlockDevice.DiscardAsync"/> does something.</summary>
    public bool CanDiscard { get; init; }

    /// <summary>Data that was written but not flushed may be lost at power loss.</summary>
    public bool HasWriteCache { get; init; }

    /// <summary>Size in bytes.</summary>
    public UInt128 ByteCount => (UInt128)BlockCount * (uint)BlockSize;
}
