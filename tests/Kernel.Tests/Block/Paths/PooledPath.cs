using System.Threading.Tasks.Sources;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Tests.Block.Paths;

/// <summary>A device that allocates nothing: one request at a time, which ends when the test says so.</summary>
internal sealed class PooledPath : IMediumPath, IValueTaskSource<BlockResult>
{
    private ManualResetValueTaskSourceCore<BlockResult> _source;

    public PooledPath(PathMachine machine) => Geometry = machine.Emulated.Geometry;

    public string Name => "pooled";

    public string Model => "";

    public string Serial => "";

    public BlockGeometry Geometry { get; }

    public MediumIdentity? Medium => MediumIdentity.Ide(1, 1);

    public PathRank Rank => PathRank.Synthetic;

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        _source.Reset();
        return new(this, _source.Version);
    }

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => new(BlockResult.Success);

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) => new(BlockResult.Success);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) => new(BlockResult.Success);

    public ValueTask<BlockResult> QuiesceAsync(CancellationToken cancellationToken = default) => new(BlockResult.Success);

    public ValueTask ResumeAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public void Finish() => _source.SetResult(BlockResult.Success);

    public BlockResult GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
