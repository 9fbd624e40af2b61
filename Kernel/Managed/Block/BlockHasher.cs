using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>What hashing gave.</summary>
/// <param name="Length">Bytes hashed.</param>
/// <param name="Sha256">The hash, when everything was read.</param>
/// <param name="Error">The error that ended it.</param>
internal readonly record struct HashResult(ulong Length, string? Sha256, BlockError? Error);

/// <summary>Hashes a whole block device, with several large reads under way at once.</summary>
internal static class BlockHasher
{
    /// <summary>Bytes a read, and reads under way: little enough for a machine of 24 MiB.</summary>
    private const int ChunkSize = 256 * 1024;
    private const int Depth = 4;

    /// <summary>Reads and hashes all blocks in order.</summary>
    /// <param name="device">The device.</param>
    /// <param name="progress">Called now and then with the bytes done.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<HashResult> HashAsync(IBlockDevice device, Action<ulong>? progress = null, CancellationToken cancellationToken = default)
    {
        BlockGeometry geometry = device.Geometry;
        if (geometry.BlockCount == 0)
            return new HashResult(0, null, new BlockError(BlockErrorKind.NoMedium, device.Name, "read", null, "no medium in the drive"));
        var hash = new Sha256();
        ulong done = 0;
        var pending = new Queue<PendingRead>();
        var free = new Stack<byte[]>();
        BlockError? error = null;
        try
        {
            ulong next = 0;
            ulong blocksPerChunk = (ulong)Math.Max(1, ChunkSize / geometry.BlockSize);
            while (error is null && (next < geometry.BlockCount || pending.Count > 0))
            {
                while (pending.Count < Depth && next < geometry.BlockCount)
                {
                    ulong count = Math.Min(blocksPerChunk, geometry.BlockCount - next);
                    if (!free.TryPop(out byte[]? bytes))
                        bytes = GC.AllocateUninitializedArray<byte>((int)blocksPerChunk * geometry.BlockSize);
                    Memory<byte> buffer = bytes.AsMemory(0, (int)count * geometry.BlockSize);
                    pending.Enqueue(new PendingRead(next, bytes, buffer, device.ReadAsync(next, buffer, cancellationToken).AsTask()));
                    next += count;
                }

                PendingRead read = pending.Peek();
                BlockResult result = await read.Task.ConfigureAwait(false);
                pending.Dequeue();
                error = result.Error is { } failure ? await NarrowAsync(device, read, failure, cancellationToken).ConfigureAwait(false) : null;
                if (result.IsSuccess)
                {
                    hash.Append(read.Buffer.Span);
                    done += (ulong)read.Buffer.Length;
                    free.Push(read.Bytes);
                    progress?.Invoke(done);
                }
            }
        }
        finally
        {
            // The device may still be writing into the buffers.
            foreach (PendingRead read in pending)
                await ((Task)read.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return error is null ? new HashResult(done, hash.Finish(), null) : new HashResult(done, null, error);
    }

    /// <summary>A failed read of many blocks names its first one; this finds the first that cannot be read.</summary>
    private static async Task<BlockError> NarrowAsync(IBlockDevice device, PendingRead read, BlockError failure, CancellationToken cancellationToken)
    {
        int size = device.Geometry.BlockSize;
        ulong block = read.First;
        for (Memory<byte> left = read.Buffer; left.Length >= size; left = left[size..], block++)
        {
            BlockResult result = await device.ReadAsync(block, left[..size], cancellationToken).ConfigureAwait(false);
            if (result.Error is { } found)
                return found;
        }

        return failure;
    }

    private readonly record struct PendingRead(ulong First, byte[] Bytes, Memory<byte> Buffer, Task<BlockResult> Task);
}
