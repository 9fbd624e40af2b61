using GuestOS.Kernel.Block.Paths;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>A block device that the registry knows.</summary>
internal sealed class BlockEntry
{
    private const int OpticalBlockSize = 2048;

    private readonly IBlockDevice _source;

    /// <param name="source">A disk or drive as it was published.</param>
    /// <param name="paths">The ways to it, when there may be several.</param>
    /// <param name="driver">Who published it.</param>
    public BlockEntry(IBlockDevice source, MultipathDisk? paths, string driver)
    {
        _source = source;
        Paths = paths;
        Device = ValidatedBlockDevice.Wrap(paths ?? source);
        Driver = driver;
        Kind = source is IRemovableBlockDevice && source.Geometry.BlockSize == OpticalBlockSize ? BlockKind.CdRom : BlockKind.Disk;
    }

    /// <param name="partition">A part of a disk.</param>
    /// <param name="disk">The disk.</param>
    public BlockEntry(PartitionDevice partition, BlockEntry disk)
    {
        _source = partition;
        Device = partition;
        Disk = disk;
        Driver = disk.Driver;
        Kind = BlockKind.Partition;
    }

    /// <summary>The driver's device, the one that serves now: abilities beyond reading and writing are looked up here.</summary>
    public IBlockDevice Source => Paths?.Current ?? _source;

    /// <summary>The ways to the medium; null when there is one for good.</summary>
    public MultipathDisk? Paths { get; }

    /// <summary>The device to use: requests are validated.</summary>
    public IBlockDevice Device { get; }

    /// <summary>The whole disk of a partition.</summary>
    public BlockEntry? Disk { get; }

    /// <summary>Who published it first, for example "ata 00:01.1".</summary>
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
