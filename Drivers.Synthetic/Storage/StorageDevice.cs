using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// A logical unit as a block device. Requests in flight together may end in any order. While it is held, new requests wait, and go on
/// in their order afterwards.
/// LOCKING: one lock for what is held and counted; commands are sent outside of it.
/// </summary>
internal abstract class StorageDevice : IBlockDevice
{
    [Flags]
    internal enum Hold
    {
        None = 0,
        Quiesced = 1,
        Suspended = 2,
    }

    private readonly Lock _gate = new();
    private readonly CommandList _heldBack = new(CommandState.Held);
    private volatile string? _goneBecause;
    private TaskCompletionSource? _drained;
    private Hold _holds;
    private int _inFlight;

    protected StorageDevice(StorageAdapter adapter, LunAddress address, string name, LunDescription description)
    {
        Adapter = adapter;
        Address = address;
        Name = name;
        Description = description;
        Geometry = description.Geometry;
    }

    public string Name { get; }

    public string Model => Description.Model;

    public string Serial => Description.Serial;

    public BlockGeometry Geometry { get; private set; }

    public LunAddress Address { get; }

    /// <summary>What the last look found.</summary>
    public LunDescription Description { get; private set; }

    /// <summary>What it does with requests.</summary>
    public UnitState State => _goneBecause is not null ? UnitState.Gone : _holds != Hold.None ? UnitState.Held : UnitState.Serving;

    /// <summary>Why nothing works any more; null while it is there.</summary>
    public string? GoneBecause => _goneBecause;

    public int BlockSize => Geometry.BlockSize;

    /// <summary>Blocks of one UNMAP at most.</summary>
    public uint MostUnmapBlocks => Description.MostUnmapBlocks;

    protected StorageAdapter Adapter { get; }

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Transfer(BlockCommandKind.Read, block, destination, cancellationToken);

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Transfer(BlockCommandKind.Write, block, MemoryMarshal.AsMemory(source), cancellationToken);

    public virtual ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Submit(BlockCommandKind.Flush, 0, 0, default, isInternal: false, cancellationToken);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default)
    {
        if (!Geometry.CanDiscard)
            return Refuse(BlockErrorKind.NotSupported, "UNMAP", block, "the device offers no UNMAP", cancellationToken);
        return CheckRange("UNMAP", block, count) is { } error
            ? Refuse(error, cancellationToken)
            : Submit(BlockCommandKind.Discard, block, count, default, isInternal: false, cancellationToken);
    }

    /// <summary>Holds new requests back, waits for those in flight, flushes. When that fails or is cancelled it goes on as before.</summary>
    public async ValueTask<BlockResult> HoldAsync(Hold hold, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task drained;
        lock (_gate)
        {
            _holds |= hold;
            if (_inFlight != 0)
                _drained ??= new TaskCompletionSource();
            drained = _drained?.Task ?? Task.CompletedTask;
        }

        var isHeld = false;
        try
        {
            await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
            var result = await Submit(DrainKind, 0, 0, default, isInternal: true, cancellationToken).ConfigureAwait(false);
            isHeld = result.IsSuccess;
            return result;
        }
        finally
        {
            if (!isHeld)
                Release(hold);
        }
    }

    /// <summary>With the last hold the waiting requests go on, in their order.</summary>
    public void Release(Hold hold)
    {
        while (true)
        {
            BlockCommand? command;
            lock (_gate)
            {
                _holds &= ~hold;
                if (_holds != Hold.None || _heldBack.Take() is not BlockCommand first)
                    return;
                command = first;
                _inFlight++;
            }

            Start(command);
        }
    }

    /// <summary>Nothing works any more, and what waits fails.</summary>
    public void MarkGone(string reason)
    {
        while (true)
        {
            BlockCommand? command;
            lock (_gate)
            {
                _goneBecause ??= reason;
                command = (BlockCommand?)_heldBack.Take();
                if (command is not null)
                    _inFlight++;
            }

            if (command is null)
                return;
            Start(command);
        }
    }

    /// <summary>A look has found it, maybe changed. True when its size or abilities are others.</summary>
    public bool Update(LunDescription description)
    {
        Description = description;
        var isOther = Geometry != description.Geometry;
        Geometry = description.Geometry;
        return isOther;
    }

    /// <summary>The issuer of a request gave it up.</summary>
    public void Cancel(BlockCommand command)
    {
        command.IsCancelRequested = true;
        Interlocked.MemoryBarrier();
        bool isHeld;
        lock (_gate)
        {
            isHeld = _heldBack.TryRemove(command);
            if (isHeld)
                _inFlight++;
        }

        if (isHeld)
            command.OnCancelled();
        else
            Adapter.Cancel(command);
    }

    /// <summary>A request that was in flight has its result.</summary>
    public void OnEnded()
    {
        TaskCompletionSource? drained = null;
        lock (_gate)
        {
            if (--_inFlight == 0)
            {
                drained = _drained;
                _drained = null;
            }
        }

        drained?.TrySetResult();
    }

    /// <summary>After a try that failed: what to do about it.</summary>
    public virtual Verdict Judge(BlockCommandKind kind, in CommandOutcome outcome, int failures, int waits)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Gone:
                return Verdict.Fail(BlockErrorKind.Gone);
            case OutcomeKind.Lost or OutcomeKind.NoMemory:
                return Verdict.Fail(BlockErrorKind.DeviceError);
        }

        if (outcome.Sense is { } sense && JudgeSense(kind, sense, waits) is { } verdict)
            return verdict;
        switch (outcome.SrbStatus)
        {
            case SrbStatus.InvalidLun or SrbStatus.InvalidTarget or SrbStatus.InvalidPath or SrbStatus.NoDevice or SrbStatus.NoHba:
                // It is not there any more; the look that follows takes it back.
                MarkGone($"the host knows it no more: {outcome.Describe()}");
                Adapter.ScanWanted?.Invoke();
                return Verdict.Fail(BlockErrorKind.Gone);
            case SrbStatus.Busy or SrbStatus.ErrorRecovery:
                return Wait(waits);
        }

        if (outcome.Kind == OutcomeKind.Answered && outcome.ScsiStatus is ScsiStatus.Busy or ScsiStatus.TaskSetFull)
            return Wait(waits);
        if (outcome.ScsiStatus == ScsiStatus.ReservationConflict)
            return Verdict.Fail(BlockErrorKind.DeviceError);
        if (failures < StorvscTimeouts.Attempts)
            return Verdict.RetryAfter(StorvscTimeouts.PauseAfter(failures));
        return Verdict.Fail(outcome.SrbStatus is SrbStatus.Timeout or SrbStatus.CommandTimeout or SrbStatus.SelectionTimeout
            ? BlockErrorKind.Timeout
            : BlockErrorKind.DeviceError);
    }

    /// <summary>What brings it to rest.</summary>
    private protected virtual BlockCommandKind DrainKind => BlockCommandKind.Flush;

    private protected static ValueTask<BlockResult> Refuse(BlockError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<BlockResult>(cancellationToken)
            : ValueTask.FromResult(BlockResult.Failure(error));

    private protected ValueTask<BlockResult> Refuse(BlockErrorKind kind, string operation, ulong? block, string detail, CancellationToken cancellationToken) =>
        Refuse(new BlockError(kind, Name, operation, block, detail), cancellationToken);

    private protected ValueTask<BlockResult> Submit(
        BlockCommandKind kind, ulong block, ulong count, Memory<byte> memory, bool isInternal, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BlockResult>(cancellationToken);
        var command = Adapter.Rent();
        command.Begin(this, kind, block, count, memory, isInternal, cancellationToken);
        var task = command.Task;
        bool isHeld, isCancelled;
        lock (_gate)
        {
            isCancelled = command.IsCancelRequested;
            isHeld = !isCancelled && !isInternal && State == UnitState.Held;
            if (isHeld)
                _heldBack.Add(command);
            else
                _inFlight++;
        }

        if (isCancelled)
            command.OnCancelled();
        else if (!isHeld)
            Start(command);
        return task;
    }

    private static Verdict Wait(int waits) => waits < StorvscTimeouts.BusyAttempts
        ? new Verdict(null, StorvscTimeouts.PauseAfter(waits + 1), Waits: true)
        : Verdict.Fail(BlockErrorKind.DeviceError);

    private Verdict? JudgeSense(BlockCommandKind kind, Scsi.Sense sense, int waits)
    {
        switch (sense.Key)
        {
            case SenseKey.UnitAttention:
                // Another size, parameters, or logical units: look again. The command was not carried out.
                if (sense.Code is 0x2A or 0x3F)
                    Adapter.ScanWanted?.Invoke();
                if (sense.Code == 0x28 && Geometry.IsRemovable)
                    return Verdict.Fail(BlockErrorKind.MediumChanged);
                return waits < StorvscTimeouts.BusyAttempts ? new Verdict(null, TimeSpan.Zero, Waits: true) : Verdict.Fail(BlockErrorKind.DeviceError);
            case SenseKey.NotReady when sense.Code == 0x3A:
                return Verdict.Fail(BlockErrorKind.NoMedium);
            case SenseKey.NotReady:
                return Wait(waits);
            case SenseKey.MediumError:
                return Verdict.Fail(BlockErrorKind.MediumError);
            case SenseKey.DataProtect:
                return Verdict.Fail(BlockErrorKind.ReadOnly);
            case SenseKey.IllegalRequest when sense.Code == 0x21:
                Adapter.ScanWanted?.Invoke();
                return Verdict.Fail(BlockErrorKind.InvalidRequest);
            case SenseKey.IllegalRequest when sense.Code == 0x20 || kind == BlockCommandKind.Discard:
                return Verdict.Fail(BlockErrorKind.NotSupported);
            case SenseKey.IllegalRequest:
                return Verdict.Fail(BlockErrorKind.DeviceError);
            default:
                return null;
        }
    }

    private void Start(BlockCommand command)
    {
        if (_goneBecause is { } reason)
            command.End(BlockResult.Failure(new BlockError(BlockErrorKind.Gone, Name, command.Kind.ToString(), null, reason)));
        else if (command.Kind == BlockCommandKind.Barrier)
            command.End(BlockResult.Success);
        else
            command.Send();
    }

    private ValueTask<BlockResult> Transfer(BlockCommandKind kind, ulong block, Memory<byte> memory, CancellationToken cancellationToken)
    {
        var operation = kind == BlockCommandKind.Read ? "READ" : "WRITE";
        var size = BlockSize;
        if (kind == BlockCommandKind.Write && Geometry.IsReadOnly)
            return Refuse(BlockErrorKind.ReadOnly, operation, block, "the medium cannot be written", cancellationToken);
        if (Geometry.BlockCount == 0)
            return Refuse(BlockErrorKind.NoMedium, operation, block, "there is no medium", cancellationToken);
        if (memory.Length == 0 || memory.Length % size != 0)
        {
            return Refuse(
                BlockErrorKind.InvalidRequest, operation, block, $"{memory.Length} bytes are not a whole number of blocks of {size} bytes, at least one", cancellationToken);
        }

        var count = (ulong)(memory.Length / size);
        return CheckRange(operation, block, count) is { } error
            ? Refuse(error, cancellationToken)
            : Submit(kind, block, count, memory, isInternal: false, cancellationToken);
    }

    private BlockError? CheckRange(string operation, ulong block, ulong count)
    {
        var blocks = Geometry.BlockCount;
        return count != 0 && block < blocks && count <= blocks - block
            ? null
            : new BlockError(BlockErrorKind.InvalidRequest, Name, operation, block, $"{count} blocks from block {block} on are not inside the {blocks} blocks");
    }
}
