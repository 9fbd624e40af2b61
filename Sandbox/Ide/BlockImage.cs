using GuestOS.Sandbox.Storage.Images;

namespace GuestOS.Sandbox.Ide;

/// <summary>Content of a medium of any size: only what was written takes memory, the rest reads as zeros.</summary>
public sealed class BlockImage : IDiskImage
{
    private const int ChunkSize = 64 * 1024;
    private readonly Dictionary<long, byte[]> _chunks = [];

    /// <param name="length">Bytes.</param>
    public BlockImage(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Reads bytes that lie inside.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        for (var done = 0; done < destination.Length;)
        {
            var inChunk = (int)((offset + done) % ChunkSize);
            var piece = Math.Min(destination.Length - done, ChunkSize - inChunk);
            if (_chunks.TryGetValue((offset + done) / ChunkSize, out var chunk))
                chunk.AsSpan(inChunk, piece).CopyTo(destination[done..]);
            else
                destination.Slice(done, piece).Clear();
            done += piece;
        }
    }

    /// <summary>Writes bytes that lie inside.</summary>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        for (var done = 0; done < source.Length;)
        {
            var index = (offset + done) / ChunkSize;
            var inChunk = (int)((offset + done) % ChunkSize);
            var piece = Math.Min(source.Length - done, ChunkSize - inChunk);
            if (!_chunks.TryGetValue(index, out var chunk))
            {
                chunk = new byte[ChunkSize];
                _chunks.Add(index, chunk);
            }

            source.Slice(done, piece).CopyTo(chunk.AsSpan(inChunk));
            done += piece;
        }
    }

    /// <summary>Makes bytes read as zeros.</summary>
    public void Clear(long offset, long count)
    {
        Check(offset, count);
        while (count > 0)
        {
            var inChunk = (int)(offset % ChunkSize);
            var piece = (int)Math.Min(count, ChunkSize - inChunk);
            if (_chunks.TryGetValue(offset / ChunkSize, out var chunk))
                chunk.AsSpan(inChunk, piece).Clear();
            offset += piece;
            count -= piece;
        }
    }

    /// <summary>Nothing is kept back.</summary>
    public void Flush()
    {
    }

    /// <summary>Fills the first bytes with a pattern from a seed.</summary>
    public void Fill(Random random, long count)
    {
        ArgumentNullException.ThrowIfNull(random);
        var block = new byte[ChunkSize];
        for (long offset = 0; offset < count; offset += ChunkSize)
        {
            random.NextBytes(block);
            Write(offset, block.AsSpan(0, (int)Math.Min(ChunkSize, count - offset)));
        }
    }

    private void Check(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} bytes do not lie inside {Length}.");
    }
}
