using GuestOS.Machine.Block;
using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Block.Paths;

/// <summary>What a request wants.</summary>
internal enum PathRequestKind
{
    Read,
    Write,
    Flush,
    Discard,
}

/// <summary>A request that is on its way through a path, or waits for one.</summary>
internal sealed class PathRequest : PooledTask<PathRequest, BlockResult>
{
    private readonly MultipathDisk _disk;
    private readonly Action _onEnded;
    private ValueTask<BlockResult> _issued;
    private DiskPath? _path;

    public PathRequest(MultipathDisk disk)
        : base(runContinuationsAsynchronously: false)
    {
        _disk = disk;
        _onEnded = OnEnded;
    }

    public PathRequestKind Kind { get; private set; }

    public ulong Block { get; private set; }

    public ulong Count { get; private set; }

    public Memory<byte> Memory { get; private set; }

    public CancellationToken Token { get; private set; }

    /// <summary>The token was cancelled while the request waited.</summary>
    public bool IsCancelled { get; set; }

    public void Fill(PathRequestKind kind, ulong block, ulong count, Memory<byte> memory, CancellationToken token)
    {
        Kind = kind;
        Block = block;
        Count = count;
        Memory = memory;
        Token = token;
    }

    /// <summary>Takes over the end of what was issued on a path. The request may have ended, and serve another one, when this returns.</summary>
    public void Watch(DiskPath path, ValueTask<BlockResult> issued)
    {
        _path = path;
        _issued = issued;
        if (issued.IsCompleted)
            OnEnded();
        else
            issued.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnded);
    }

    /// <summary>From now on a cancellation ends it: it is about to wait. Outside of the lock, as the token may be cancelled already.</summary>
    public void WatchToken() => WatchToken(Token);

    public void Announce(in BlockResult result) => Complete(result);

    public void Announce(Exception exception) => Fail(exception);

    protected override void Cancel() => _disk.Cancel(this);

    protected override void Recycle()
    {
        _issued = default;
        _path = null;
        IsCancelled = false;
        Memory = default;
        Token = default;
        _disk.Return(this);
    }

    private void OnEnded()
    {
        ValueTask<BlockResult> issued = _issued;
        _issued = default;
        _disk.Settle(this, _path!, issued);
    }
}
