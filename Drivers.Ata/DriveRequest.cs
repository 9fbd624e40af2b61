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

/// <summary>A block request, awaited by its issuer. It may take several commands.</summary>
internal sealed class DriveRequest : PooledTask<DriveRequest, BlockResult>
{
    private readonly IdeChannel _channel;
    private CancellationToken _token;
    private BlockResult _result;
    private bool _cancelled;

    public DriveRequest(IdeChannel channel, bool runContinuationsAsynchronously)
        : base(runContinuationsAsynchronously) => _channel = channel;

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
    /// Requests that the command in flight carries out too, linked by <see cref="Linked{T}.Next"/>: they came right after this one, and continue
    /// it on the medium.
    /// </summary>
    public DriveRequest? Followers { get; set; }

    /// <summary>Not to be joined with others: it was, and the command failed. Alone it shows whose fault that was.</summary>
    public bool IsAlone { get; set; }

    public ulong NextBlock => Block + Done;

    public ulong BlocksLeft => BlockCount - Done;

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
        WatchToken(token);
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
        ForgetToken();
        if (_cancelled)
            Fail(new OperationCanceledException(_token));
        else
            Complete(_result);
    }

    protected override void Cancel() => _channel.Cancel(this);

    protected override void Recycle()
    {
        _result = default;
        _cancelled = false;
        _token = default;
        Memory = default;
        State = RequestState.New;
        _channel.Return(this);
    }
}
