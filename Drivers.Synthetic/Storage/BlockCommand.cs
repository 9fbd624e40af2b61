using System.Threading.Tasks.Sources;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Storage.Scsi;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// A pooled block request, awaited by its issuer as a ValueTask. It may take several commands, one after another, and several tries of each.
/// It goes back to the adapter's pool when its result is taken; nothing is allocated on the way.
/// </summary>
internal sealed class BlockCommand : StorageCommand, IValueTaskSource<BlockResult>
{
    private readonly StorageAdapter _adapter;
    private ManualResetValueTaskSourceCore<BlockResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private StorageDevice _device = null!;
    private Memory<byte> _memory;
    private byte[]? _unmapList;
    private ulong _block;
    private ulong _count;
    private ulong _done;
    private uint _chunk;
    private int _mostBytes;
    private int _failures;
    private int _waits;
    private bool _isInternal;

    public BlockCommand(StorageAdapter adapter, bool runContinuationsAsynchronously)
    {
        _adapter = adapter;
        _source.RunContinuationsAsynchronously = runContinuationsAsynchronously;
    }

    public BlockCommandKind Kind { get; private set; }

    /// <summary>Goes past the hold of a device: the driver's own.</summary>
    public bool IsInternal => _isInternal;

    public ValueTask<BlockResult> Task => new(this, _source.Version);

    private ulong NextBlock => _block + _done;

    private string Operation => Kind switch
    {
        BlockCommandKind.Read => "READ",
        BlockCommandKind.Write => "WRITE",
        BlockCommandKind.Discard => "UNMAP",
        _ => "SYNCHRONIZE CACHE",
    };

    public void Begin(StorageDevice device, BlockCommandKind kind, ulong block, ulong count, Memory<byte> memory, bool isInternal, CancellationToken token)
    {
        _device = device;
        Kind = kind;
        _block = block;
        _count = count;
        _memory = memory;
        _isInternal = isInternal;
        _done = 0;
        _failures = 0;
        _waits = 0;
        _mostBytes = _adapter.MostBytes;
        Address = device.Address;
        IsCancelRequested = false;
        _token = token;
        _registration = token.CanBeCanceled ? token.UnsafeRegister(static (state, _) => ((BlockCommand)state!).Cancel(), this) : default;
    }

    /// <summary>Sends the next command, unless the request was given up.</summary>
    public void Send()
    {
        Prepare();
        _adapter.Submit(this);
    }

    /// <summary>Ends without having been sent.</summary>
    public void End(in BlockResult result)
    {
        // Waits for a cancellation callback that is running on another thread, so that it cannot hit the request's next life.
        _registration.Dispose();
        var device = _device;
        _source.SetResult(result);
        device.OnEnded();
    }

    public override void OnCancelled()
    {
        _registration.Dispose();
        var device = _device;
        _source.SetException(new OperationCanceledException(_token));
        device.OnEnded();
    }

    public override bool TryShrink(int bytes)
    {
        if (Kind is not (BlockCommandKind.Read or BlockCommandKind.Write))
            return false;
        _mostBytes = bytes;
        Prepare();
        return true;
    }

    public override void OnEnded(in CommandOutcome outcome)
    {
        if (outcome.IsGood && (Kind is not (BlockCommandKind.Read or BlockCommandKind.Write) || outcome.Transferred == Data.Length))
        {
            _failures = 0;
            _waits = 0;
            _done += _chunk;
            if (_done >= _count)
                End(BlockResult.Success);
            else
                Send();
            return;
        }

        // Who does not know the command has no cache.
        if (Kind == BlockCommandKind.Flush && outcome.Sense is { Key: SenseKey.IllegalRequest, Code: 0x20 })
        {
            End(BlockResult.Success);
            return;
        }

        var verdict = _device.Judge(Kind, outcome, ++_failures, _waits);
        if (verdict.Waits)
        {
            _waits++;
            _failures--;
        }

        if (verdict.Error is { } kind)
        {
            End(BlockResult.Failure(MakeError(kind, outcome)));
            return;
        }

        _adapter.Counters.Retries++;
        if (verdict.Pause == TimeSpan.Zero)
            Send();
        else
            _adapter.SubmitAfter(this, verdict.Pause);
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
            _source.Reset();
            _token = default;
            _registration = default;
            _memory = default;
            Data = default;
            _adapter.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<BlockResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BlockResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => _device.Cancel(this);

    /// <summary>Fills in the command for what comes next.</summary>
    private void Prepare()
    {
        ClearCdb();
        var size = _device.BlockSize;
        switch (Kind)
        {
            case BlockCommandKind.Read or BlockCommandKind.Write:
                _chunk = (uint)Math.Min(_count - _done, (ulong)Math.Max(1, _mostBytes / size));
                Data = _memory.Slice((int)_done * size, (int)_chunk * size);
                Direction = Kind == BlockCommandKind.Read ? DataDirection.Read : DataDirection.Write;
                CdbLength = CommandBlock.Transfer(Cdb, Kind == BlockCommandKind.Read, NextBlock, _chunk);
                break;
            case BlockCommandKind.Discard:
                _chunk = (uint)Math.Min(_count - _done, _device.MostUnmapBlocks);
                _unmapList ??= GC.AllocateArray<byte>(CommandBlock.UnmapListLength, pinned: true);
                CommandBlock.WriteUnmapList(_unmapList, NextBlock, _chunk);
                Data = _unmapList;
                Direction = DataDirection.Write;
                CdbLength = CommandBlock.Unmap(Cdb);
                break;
            default:
                _chunk = 0;
                Data = default;
                Direction = DataDirection.None;
                CdbLength = CommandBlock.Flush(Cdb);
                break;
        }
    }

    private BlockError MakeError(BlockErrorKind kind, in CommandOutcome outcome)
    {
        ulong? block = Kind is BlockCommandKind.Flush or BlockCommandKind.Barrier ? null : NextBlock;
        var tries = _failures > 1 ? $"{_failures} tries, " : "";
        return new BlockError(kind, _device.Name, Operation, block, tries + (_device.GoneBecause ?? outcome.Describe()));
    }
}
