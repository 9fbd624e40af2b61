using System.Threading.Tasks.Sources;
using GuestOS.Machine.Block;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.Ata;

/// <summary>What a request wants.</summary>
internal enum RequestKind
{
    Read,
    Write,
    Flush,
    Discard,

    /// <summary>Nothing: done when all earlier requests are.</summary>
    Barrier,
}

/// <summary>Where a request is. Changed under the channel's lock.</summary>
internal enum RequestState
{
    /// <summary>In the pool, or being filled.</summary>
    New,
    Queued,

    /// <summary>Its command is in flight, or it is being recovered.</summary>
    Active,

    /// <summary>Its result is known.</summary>
    Ended,
}

/// <summary>
/// A pooled block request, awaited by its issuer as a ValueTask. It may take several commands. It goes back to its channel's pool when
/// its result is taken; nothing is allocated on the way.
/// </summary>
internal sealed class DriveRequest : Linked<DriveRequest>, IValueTaskSource<BlockResult>
{
    private readonly IdeChannel _channel;
    private ManualResetValueTaskSourceCore<BlockResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private BlockResult _result;
    private bool _cancelled;

    public DriveRequest(IdeChannel channel, bool runContinuationsAsynchronously)
    {
        _channel = channel;
        _source.RunContinuationsAsynchronously = runContinuationsAsynchronously;
    }

    public RequestState State { get; set; }

    public IdeDrive Drive { get; private set; } = null!;

    public RequestKind Kind { get; private set; }

    public ulong Block { get; private set; }

    /// <summary>Blocks in all: of a discard, or of the memory.</summary>
    public ulong BlockCount { get; private set; }

    public Memory<byte> Memory { get; private set; }

    /// <summary>Blocks that are done.</summary>
    public ulong Done { get; set; }

    /// <summary>Blocks of the command in flight.</summary>
    public uint Chunk { get; set; }

    /// <summary>The command in flight uses the bus master's table.</summary>
    public bool UsesDma { get; set; }

    /// <summary>Tries of the current command that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Goes past the hold of a quiesced drive: the driver's own.</summary>
    public bool IsInternal { get; private set; }

    /// <summary>Times that the drive asked for a moment.</summary>
    public int Waits { get; set; }

    public bool CancelRequested { get; set; }

    /// <summary>
    /// Requests that the command in flight carries out too, linked by <see cref="Next"/>: they came right after this one, and continue
    /// it on the medium.
    /// </summary>
    public DriveRequest? Followers { get; set; }

    /// <summary>Not to be joined with others: it was, and the command failed. Alone it shows whose fault that was.</summary>
    public bool IsAlone { get; set; }

    public ulong NextBlock => Block + Done;

    public ulong BlocksLeft => BlockCount - Done;

    public ValueTask<BlockResult> Task => new(this, _source.Version);

    public void Fill(IdeDrive drive, RequestKind kind, ulong block, ulong count, Memory<byte> memory, bool isInternal, CancellationToken token)
    {
        Drive = drive;
        Kind = kind;
        Block = block;
        BlockCount = count;
        Memory = memory;
        IsInternal = isInternal;
        Done = 0;
        Chunk = 0;
        Failures = 0;
        Waits = 0;
        UsesDma = false;
        CancelRequested = false;
        IsAlone = false;
        State = RequestState.New;
        _token = token;
        _registration = token.CanBeCanceled ? token.UnsafeRegister(static (state, _) => ((DriveRequest)state!).Cancel(), this) : default;
    }

    /// <summary>Whether another request, of which nothing is done yet, goes on where this one ends and may go with it.</summary>
    public bool IsContinuedBy(DriveRequest other) =>
        other.Kind == Kind && other.Block == Block + BlockCount && other.Done == 0 && !other.IsAlone && !other.CancelRequested;

    public void SetResult(in BlockResult result)
    {
        _result = result;
        State = RequestState.Ended;
    }

    public void SetCancelled()
    {
        _cancelled = true;
        State = RequestState.Ended;
    }

    /// <summary>Tells the issuer. Outside the lock: its continuation may run here.</summary>
    public void Announce()
    {
        // Waits for a cancellation callback that is running on another thread, so that it cannot hit the request's next life.
        _registration.Dispose();
        if (_cancelled)
            _source.SetException(new OperationCanceledException(_token));
        else
            _source.SetResult(_result);
    }

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
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<BlockResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BlockResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Recycle()
    {
        _source.Reset();
        _result = default;
        _cancelled = false;
        _token = default;
        _registration = default;
        Memory = default;
        State = RequestState.New;
        _channel.Return(this);
    }

    private void Cancel() => _channel.Cancel(this);
}
