using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>
/// Reads bytes at any position of a block device. Whole blocks go straight into the caller's memory; the rest goes through a small cache,
/// which also serves the short reads of file system structures. Forget it when the medium changes.
/// </summary>
#pragma warning disable CA1001 // A SemaphoreSlim without a wait handle holds nothing to dispose of.
internal sealed class BlockReader
#pragma warning restore CA1001
{
    /// <summary>Bytes a cache line: the smallest read that is sent to the device for a short request.</summary>
    private const int SmallestLine = 16 * 1024;
    private const int LineCount = 8;

    private readonly IBlockDevice _device;
    private readonly int _blockSize;
    private readonly int _lineSize;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CacheLine?[] _lines = new CacheLine?[LineCount];
    private long _useCounter;

    public BlockReader(IBlockDevice device)
    {
        _device = device;
        _blockSize = device.Geometry.BlockSize;
        _lineSize = Math.Max(SmallestLine, _blockSize);
        Length = device.Geometry.ByteCount > ulong.MaxValue ? ulong.MaxValue : (ulong)device.Geometry.ByteCount;
    }

    /// <summary>Size of the medium in bytes.</summary>
    public ulong Length { get; }

    /// <summary>Fills the memory from a position on.</summary>
    public async ValueTask<BlockResult> ReadAsync(ulong position, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (position > Length || (ulong)destination.Length > Length - position)
        {
            return BlockResult.Failure(BlockRequest.Invalid(
                _device, "read", position / (uint)_blockSize, "the bytes are beyond the end of the medium"));
        }

        while (!destination.IsEmpty)
        {
            int direct = destination.Length / _blockSize * _blockSize;
            int done;
            if (position % (uint)_blockSize == 0 && direct >= _lineSize)
            {
                done = direct;
                BlockResult read = await _device.ReadAsync(position / (uint)_blockSize, destination[..direct], cancellationToken).ConfigureAwait(false);
                if (!read.IsSuccess)
                    return read;
            }
            else
            {
                (BlockResult result, done) = await ReadCachedAsync(position, destination, cancellationToken).ConfigureAwait(false);
                if (!result.IsSuccess)
                    return result;
            }

            position += (uint)done;
            destination = destination[done..];
        }

        return BlockResult.Success;
    }

    /// <summary>Copies what one cache line holds of the request; the line is read when it is not there.</summary>
    private async ValueTask<(BlockResult Result, int Done)> ReadCachedAsync(ulong position, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ulong start = position / (uint)_lineSize * (uint)_lineSize;
            CacheLine? line = Array.Find(_lines, candidate => candidate is not null && candidate.Length > 0 && candidate.Start == start);
            if (line is null)
            {
                line = Victim();
                line.Length = 0;
                line.Start = start;
                int length = (int)Math.Min((uint)_lineSize, Length - start);
                BlockResult read = await _device.ReadAsync(start / (uint)_blockSize, line.Bytes.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                if (!read.IsSuccess)
                    return await ReadOneBlockAsync(position, destination, read, cancellationToken).ConfigureAwait(false);
                line.Length = length;
            }

            line.LastUse = ++_useCounter;
            int offset = (int)(position - start);
            int count = Math.Min(destination.Length, line.Length - offset);
            line.Bytes.AsMemory(offset, count).CopyTo(destination);
            return (BlockResult.Success, count);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A line may fail for a bad block that nobody asked for: then the asked block alone decides.</summary>
    private async ValueTask<(BlockResult Result, int Done)> ReadOneBlockAsync(
        ulong position, Memory<byte> destination, BlockResult lineResult, CancellationToken cancellationToken)
    {
        if (lineResult.Error is not { Kind: BlockErrorKind.MediumError })
            return (lineResult, 0);
        var block = new byte[_blockSize];
        BlockResult read = await _device.ReadAsync(position / (uint)_blockSize, block, cancellationToken).ConfigureAwait(false);
        if (!read.IsSuccess)
            return (read, 0);
        int offset = (int)(position % (uint)_blockSize);
        int count = Math.Min(destination.Length, _blockSize - offset);
        block.AsMemory(offset, count).CopyTo(destination);
        return (BlockResult.Success, count);
    }

    private CacheLine Victim()
    {
        int oldest = 0;
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i] is null)
                return _lines[i] = new CacheLine(_lineSize);
            if (_lines[i]!.LastUse < _lines[oldest]!.LastUse)
                oldest = i;
        }

        return _lines[oldest]!;
    }

    private sealed class CacheLine
    {
        public CacheLine(int size) => Bytes = GC.AllocateUninitializedArray<byte>(size);

        public byte[] Bytes { get; }

        public ulong Start { get; set; }

        /// <summary>Valid bytes; 0 when there are none.</summary>
        public int Length { get; set; }

        public long LastUse { get; set; }
    }
}
