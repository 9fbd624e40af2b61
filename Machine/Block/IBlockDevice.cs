namespace GuestOS.Machine.Block;

/// <summary>
/// A disk, a disc, a partition: an array of blocks.
/// Requests may be issued from any thread and overlap; requests in flight together may finish in any order, and a caller that
/// needs order awaits. A flush covers every write that was acknowledged before the flush was issued.
/// Failures are values (<see cref="BlockResult"/>); only a cancelled request throws (<see cref="OperationCanceledException"/>), and
/// only when the device is certainly no longer using the caller's memory.
/// </summary>
public interface IBlockDevice
{
    /// <summary>Short unique name, for example "ata0.0" (channel 0, device 0) or "ata0.0p1".</summary>
    string Name { get; }

    /// <summary>What the device calls itself, trimmed; empty when unknown.</summary>
    string Model { get; }

    /// <summary>Serial number, trimmed; empty when unknown.</summary>
    string Serial { get; }

    /// <summary>Size and abilities as last read from the device.</summary>
    BlockGeometry Geometry { get; }

    /// <summary>Reads whole blocks from <paramref name="block"/> on until <paramref name="destination"/> is full.</summary>
    /// <param name="block">First logical block.</param>
    /// <param name="destination">A whole number of blocks, at least one.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default);

    /// <summary>Writes whole blocks from <paramref name="block"/> on.</summary>
    /// <param name="block">First logical block.</param>
    /// <param name="source">A whole number of blocks, at least one.</param>
    /// <param name="cancellationToken">Abandons the request; some of the blocks may have been written.</param>
    ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default);

    /// <summary>Makes every acknowledged write durable.</summary>
    ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells the device that these blocks are no longer needed; their content is undefined afterwards.</summary>
    /// <param name="block">First logical block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default);
}

/// <summary>A block device whose medium can be taken out.</summary>
public interface IRemovableBlockDevice : IBlockDevice
{
    /// <summary>Asks the drive whether a medium is in, and reads its size: <see cref="IBlockDevice.Geometry"/> is true afterwards. An empty drive is a success with no blocks.</summary>
    ValueTask<BlockResult> RefreshMediumAsync(CancellationToken cancellationToken = default);

    /// <summary>Unlocks and ejects the medium.</summary>
    ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// A block device that another path to the same medium can take over while it is in use
/// (the emulated IDE disk, when the synthetic one arrives).
/// </summary>
public interface IQuiescable
{
    /// <summary>Holds new requests back, waits for those in flight, flushes. After success the device is idle and the medium is whole; after a failure or a cancellation it goes on as before.</summary>
    ValueTask<BlockResult> QuiesceAsync(CancellationToken cancellationToken = default);

    /// <summary>Lets the held requests go on, in the order in which they came.</summary>
    ValueTask ResumeAsync(CancellationToken cancellationToken = default);
}
