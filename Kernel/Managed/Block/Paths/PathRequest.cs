using System.Threading.Tasks.Sources;
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

/// <summary>
/// A request that is on its way through a path, or waits for one. Pooled: it goes back to its disk when its result is taken, and nothing
/// is allocated on the way.
/// </summary>
internal sealed class PathRequest : Linked<PathRequest>, IValueTaskSource<BlockResult>
{
    private readonly MultipathDisk _disk;
    private readonly Action _onEnded;
    private ManualResetValueTaskSourceCore<BlockResult> _source;
    private CancellationTokenRegistration _registration;
    private ValueTask<BlockResult> _issued;
    private DiskPath? _path;

    public PathRequest(MultipathDisk disk)
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

    public ValueTask<BlockResult> Task => new(this, _source.Version);

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
    public void WatchToken()
    {
        if (Token.CanBeCanceled)
            _registration = Token.UnsafeRegister(static (state, _) => ((PathRequest)state!).Cancel(), this);
    }

    /// <summary>It waits no more. When this returns no cancellation is running.</summary>
    public void ForgetToken() => _registration.Dispose();

    public void Announce(in BlockResult result) => _source.SetResult(result);

    public void Announce(Exception exception) => _source.SetException(exception);

    BlockResult IValueTaskSource<BlockResult>.GetResult(short token)
    {
        // A stale token, or a result that is not there yet, throws here and leaves the request alone.
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _source.GetResult(token);
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            _registration = default;
            _issued = default;
            _path = null;
            IsCancelled = false;
            Memory = default;
            Token = default;
            _disk.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<BlockResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BlockResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void OnEnded()
    {
        ValueTask<BlockResult> issued = _issued;
        _issued = default;
        _disk.Settle(this, _path!, issued);
    }

    private void Cancel() => _disk.Cancel(this);
}
