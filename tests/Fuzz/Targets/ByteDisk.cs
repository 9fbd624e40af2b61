using GuestOS.Machine.Block;

namespace GuestOS.Fuzz.Targets;

/// <summary>A medium in memory. A request that leaves it, or is not whole blocks, is a finding.</summary>
internal sealed class ByteDisk(byte[] content, int blockSize) : IBlockDevice
{
    public string Name => "fuzz0";

    public string Model => "";

    public string Serial => "";

    public BlockGeometry Geometry { get; } =
        new() { BlockSize = blockSize, BlockCount = (ulong)(content.Length / blockSize), PhysicalBlockSize = blockSize, IsReadOnly = true };

    /// <summary>Requests so far.</summary>
    public int Reads { get; private set; }

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var count = (ulong)(destination.Length / blockSize);
        if (count == 0 || destination.Length % blockSize != 0 || block > Geometry.BlockCount || count > Geometry.BlockCount - block)
            throw new FuzzException($"{destination.Length} bytes are read from block {block} on of {Geometry.BlockCount}");
        Reads++;
        content.AsMemory((int)block * blockSize, destination.Length).CopyTo(destination);
        return new(BlockResult.Success);
    }

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        throw new FuzzException("a reader writes");

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) => throw new FuzzException("a reader flushes");

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) =>
        throw new FuzzException("a reader discards");
}
