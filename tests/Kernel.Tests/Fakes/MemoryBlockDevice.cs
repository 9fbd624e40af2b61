using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>A disk in memory. Bad blocks fail to read; what was asked for is recorded.</summary>
internal sealed class MemoryBlockDevice : IRemovableBlockDevice, ITransferModes, IResizable
{
    private readonly Lock _lock = new();

    public MemoryBlockDevice(byte[] content, int blockSize = 512, string name = "mem0")
    {
        Content = content;
        Name = name;
        Geometry = new BlockGeometry { BlockSize = blockSize, BlockCount = (ulong)(content.Length / blockSize), PhysicalBlockSize = blockSize };
    }

    public event Action<IBlockDevice>? Resized;

    public byte[] Content { get; set; }

    public string Name { get; }

    public string Model { get; init; } = "Memory disk";

    public string Serial => "0001";

    public BlockGeometry Geometry { get; set; }

    public HashSet<ulong> BadBlocks { get; } = [];

    public List<(ulong Block, int Length)> Reads { get; } = [];

    public int Flushes { get; private set; }

    public Func<Task>? BeforeRead { get; set; }

    /// <summary>What the next refreshes find: null is an empty drive.</summary>
    public Queue<byte[]?> NextMedia { get; } = new();

    public TransferMode TransferMode { get; private set; } = TransferMode.Dma;

    public List<TransferMode> ModeChanges { get; } = [];

    public async ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (BeforeRead is { } before)
            await before();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Reads.Add((block, destination.Length));
            Assert.True(destination.Length > 0 && destination.Length % Geometry.BlockSize == 0, "A request reached the device that is not whole blocks.");
            Assert.True(block + (ulong)(destination.Length / Geometry.BlockSize) <= Geometry.BlockCount, "A request reached the device that leaves it.");
            for (ulong i = block; i < block + (ulong)(destination.Length / Geometry.BlockSize); i++)
            {
                if (BadBlocks.Contains(i))
                    return BlockResult.Failure(new BlockError(BlockErrorKind.MediumError, Name, "READ", i, "unreadable"));
            }

            Content.AsSpan((int)block * Geometry.BlockSize, destination.Length).CopyTo(destination.Span);
            return BlockResult.Success;
        }
    }

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            source.Span.CopyTo(Content.AsSpan((int)block * Geometry.BlockSize));
            return new(BlockResult.Success);
        }
    }

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Flushes++;
        return new(BlockResult.Success);
    }

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) => new(BlockResult.Success);

    public ValueTask<BlockResult> RefreshMediumAsync(CancellationToken cancellationToken = default)
    {
        if (NextMedia.TryDequeue(out byte[]? medium))
            SetMedium(medium);
        return new(BlockResult.Success);
    }

    public ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default)
    {
        SetMedium(null);
        return new(BlockResult.Success);
    }

    public ValueTask<BlockResult> SetTransferModeAsync(TransferMode mode, CancellationToken cancellationToken = default)
    {
        ModeChanges.Add(mode);
        TransferMode = mode;
        return new(BlockResult.Success);
    }

    /// <summary>Gives it another content and size, and tells whoever wants to know.</summary>
    public void Resize(byte[] content)
    {
        SetMedium(content);
        Resized?.Invoke(this);
    }

    private void SetMedium(byte[]? medium)
    {
        Content = medium ?? [];
        Geometry = Geometry with { BlockCount = (ulong)(Content.Length / Geometry.BlockSize) };
    }
}
