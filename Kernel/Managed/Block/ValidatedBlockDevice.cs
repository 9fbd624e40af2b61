using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>
/// What the registry hands out for a driver's device: malformed requests end here with
/// <see cref="BlockErrorKind.InvalidRequest"/>, and a driver never sees them.
/// </summary>
internal class ValidatedBlockDevice : IBlockDevice
{
    public ValidatedBlockDevice(IBlockDevice inner) => Inner = inner;

    /// <summary>The driver's device.</summary>
    public IBlockDevice Inner { get; }

    public string Name => Inner.Name;

    public string Model => Inner.Model;

    public string Serial => Inner.Serial;

    public BlockGeometry Geometry => Inner.Geometry;

    /// <summary>Wraps a device and keeps its abilities.</summary>
    public static ValidatedBlockDevice Wrap(IBlockDevice device) => device is IRemovableBlockDevice removable
        ? new ValidatedRemovableBlockDevice(removable)
        : new ValidatedBlockDevice(device);

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        BlockRequest.CheckTransfer(Inner, "read", block, destination.Length) is { } error
            ? new(BlockResult.Failure(error))
            : Inner.ReadAsync(block, destination, cancellationToken);

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        (BlockRequest.CheckTransfer(Inner, "write", block, source.Length) ?? CheckWritable("write", block)) is { } error
            ? new(BlockResult.Failure(error))
            : Inner.WriteAsync(block, source, cancellationToken);

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) => Inner.FlushAsync(cancellationToken);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) =>
        (BlockRequest.CheckBlocks(Inner, "discard", block, count) ?? CheckWritable("discard", block)) is { } error
            ? new(BlockResult.Failure(error))
            : Inner.DiscardAsync(block, count, cancellationToken);

    private BlockError? CheckWritable(string operation, ulong block) => Inner.Geometry.IsReadOnly
        ? new BlockError(BlockErrorKind.ReadOnly, Name, operation, block, "the medium cannot be written")
        : null;
}
