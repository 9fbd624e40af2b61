using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>A block device that the registry knows.</summary>
internal sealed class BlockEntry
{
    private const int OpticalBlockSize = 2048;

    public BlockEntry(IBlockDevice source, IBlockDevice device, BlockEntry? disk, string driver)
    {
        Source = source;
        Device = device;
        Disk = disk;
        Driver = driver;
        Kind = disk is not null ? BlockKind.Partition
            : source is IRemovableBlockDevice && source.Geometry.BlockSize == OpticalBlockSize ? BlockKind.CdRom
            : BlockKind.Disk;
    }

    /// <summary>The device as it was published: abilities beyond reading and writing are looked up here.</summary>
    public IBlockDevice Source { get; }

    /// <summary>The device to use: requests are validated.</summary>
    public IBlockDevice Device { get; }

    /// <summary>The whole disk of a partition.</summary>
    public BlockEntry? Disk { get; }

    /// <summary>Who published it, for example "ata 00:01.1".</summary>
    public string Driver { get; }

    public BlockKind Kind { get; }

    public string Name => Device.Name;

    /// <summary>Partition table, for a disk that has been looked at: gpt, mbr, none or broken.</summary>
    public string? Table { get; set; }

    /// <summary>What is wrong with a broken table.</summary>
    public string? TableError { get; set; }

    /// <summary>Type of a partition, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The kernel was started from it.</summary>
    public bool IsBootMedium { get; set; }

    /// <summary>How data moves, where the device can say it; for a partition, that of its disk.</summary>
    public TransferMode? TransferMode => (Disk ?? this).Source is ITransferModes modes ? modes.TransferMode : null;
}
