using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>A run of a disk's blocks as a block device of its own. Requests are checked against the partition, so none reaches a neighbour.</summary>
internal sealed class PartitionDevice : IBlockDevice
{
    private readonly IBlockDevice _disk;
    private readonly ulong _first;
    private readonly ulong _count;

    /// <param name="disk">The whole disk.</param>
    /// <param name="name">Its name, for example "ata0.0p1".</param>
    /// <param name="first">First block on the disk.</param>
    /// <param name="count">Number of blocks; the run must lie on the disk.</param>
    public PartitionDevice(IBlockDevice disk, string name, ulong first, ulong count)
    {
        ulong blocks = disk.Geometry.BlockCount;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, blocks - first);
        _disk = disk;
        _first = first;
        _count = count;
        Name = name;
    }

    public string Name { get; }

    public string Model => _disk.Model;

    public string Serial => _disk.Serial;

    public BlockGeometry Geometry => _disk.Geometry with { BlockCount = _disk.Geometry.BlockCount == 0 ? 0 : _count, IsRemovable = false };

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        BlockRequest.CheckTransfer(this, "read", block, destination.Length) is { } error
            ? new(BlockResult.Failure(error))
            : _disk.ReadAsync(_first + block, destination, cancellationToken);

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        BlockRequest.CheckTransfer(this, "write", block, source.Length) is { } error
            ? new(BlockResult.Failure(error))
            : _disk.WriteAsync(_first + block, source, cancellationToken);

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) => _disk.FlushAsync(cancellationToken);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) =>
        BlockRequest.CheckBlocks(this, "discard", block, count) is { } error
            ? new(BlockResult.Failure(error))
            : _disk.DiscardAsync(_first + block, count, cancellationToken);
}
