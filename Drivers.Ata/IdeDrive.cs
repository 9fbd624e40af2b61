using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// A drive on an IDE channel. Requests of one drive are carried out in the order in which they came; the two drives of a channel take
/// turns, command by command. A request that is cancelled before its first command, or between two, is removed at once; a command
/// in flight is waited for (its time limit and the reset after it bound that), so the caller's memory is never touched after the end.
/// </summary>
public abstract class IdeDrive : ITransferModes, IQuiescable
{
    [Flags]
    internal enum Hold
    {
        None = 0,
        Quiesced = 1,
        Suspended = 2,
    }

    private int _dmaTrouble;
    private int _dmaGood;
    private TransferMode _wantedMode;

    private protected IdeDrive(IdeChannel channel, int index, IdentifyData identify, bool preferPio)
    {
        _wantedMode = preferPio ? TransferMode.Pio : TransferMode.Dma;
        Channel = channel;
        Index = index;
        Identify = identify;
        Name = string.Create(CultureInfo.InvariantCulture, $"{channel.Name}.{index}");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Model => Identify.Model;

    /// <inheritdoc/>
    public string Serial => Identify.Serial;

    /// <inheritdoc/>
    public abstract BlockGeometry Geometry { get; }

    /// <summary>What the drive said about itself.</summary>
    public IdentifyData Identify { get; }

    /// <inheritdoc/>
    public TransferMode TransferMode { get; private set; }

    /// <summary>The mode as the standard names it: "PIO", "MWDMA2", "UDMA5".</summary>
    public string TransferModeName { get; private set; } = "PIO";

    /// <summary>0 or 1 on its channel.</summary>
    internal int Index { get; }

    internal IdeChannel Channel { get; }

    /// <summary>What the channel may take next. Under the channel's lock, as all below.</summary>
    internal RequestQueue Queue { get; } = new();

    /// <summary>The drive needs a moment; its queue stands.</summary>
    internal bool IsPaused { get; set; }

    /// <summary>What came while the drive was held.</summary>
    internal RequestQueue HeldBack { get; } = new();

    internal Hold Holds { get; set; }

    /// <summary>Why nothing works any more; null while the drive is there.</summary>
    internal string? GoneBecause { get; set; }

    /// <inheritdoc/>
    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Transfer(RequestKind.Read, block, destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Geometry.IsReadOnly
            ? Refuse(BlockErrorKind.ReadOnly, "WRITE", block, "the drive only reads", cancellationToken)
            : Transfer(RequestKind.Write, block, MemoryMarshal.AsMemory(source), cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public virtual ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default)
    {
        if (!Geometry.CanDiscard)
            return Refuse(BlockErrorKind.NotSupported, "DATA SET MANAGEMENT", block, "the drive offers no TRIM", cancellationToken);
        return CheckRange(RequestKind.Discard, block, count) is { } error
            ? Refuse(error, cancellationToken)
            : Submit(RequestKind.Discard, block, count, default, isInternal: false, cancellationToken);
    }

    /// <summary>
    /// Holds new requests back, carries out those that came before, flushes. If that fails or is cancelled the drive goes on as before.
    /// Quiescing twice is the same as once.
    /// </summary>
    /// <inheritdoc/>
    public ValueTask<BlockResult> QuiesceAsync(CancellationToken cancellationToken = default) => HoldAsync(Hold.Quiesced, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Release(Hold.Quiesced);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<BlockResult> SetTransferModeAsync(TransferMode mode, CancellationToken cancellationToken = default)
    {
        if (mode == TransferMode.Dma && !CanUseDma)
            return BlockResult.Failure(MakeError(BlockErrorKind.NotSupported, "SET FEATURES", null, "drive or controller offers no DMA"));
        await Channel.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _wantedMode = mode;
            _dmaTrouble = 0;
            if (GoneBecause is null && await ConfigureDmaAsync(Identify).ConfigureAwait(false) is not null)
                await Channel.ResetAndRestoreAsync().ConfigureAwait(false);
            if (GoneBecause is not null)
                return BlockResult.Failure(GoneError(RequestKind.Barrier, null));
            return TransferMode == mode
                ? BlockResult.Success
                : BlockResult.Failure(MakeError(BlockErrorKind.DeviceError, "SET FEATURES", null, "the drive did not take the mode and is used by PIO"));
        }
        finally
        {
            Channel.Leave();
        }
    }

    internal bool CanUseDma => Identify.HasDma && Channel.HasBusMaster;

    internal async ValueTask<BlockResult> HoldAsync(Hold hold, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Channel.SetHold(this, hold);
        var held = false;
        try
        {
            var result = await Submit(DrainKind, 0, 0, default, isInternal: true, cancellationToken).ConfigureAwait(false);
            held = result.IsSuccess;
            return result;
        }
        finally
        {
            if (!held)
                Release(hold);
        }
    }

    internal void Release(Hold hold) => Channel.ClearHold(this, hold);

    /// <summary>What brings a drive to rest: a flush where it has a cache.</summary>
    private protected abstract RequestKind DrainKind { get; }

    /// <summary>
    /// Fills <paramref name="command"/> with the next command of <paramref name="request"/>. False when there is none: the request
    /// ends, with <paramref name="error"/> or without. Under the lock.
    /// </summary>
    internal abstract bool Prepare(DriveRequest request, AtaCommand command, out BlockError? error);

    /// <summary>
    /// After a command of <paramref name="request"/> failed: what to do about it. Owns the channel, which was reset where that was
    /// necessary.
    /// </summary>
    internal abstract ValueTask<Verdict> JudgeAsync(DriveRequest request, AtaCommand command, CommandOutcome outcome);

    /// <summary>Sets the drive up, at first and after each reset. Owns the channel. Returns what is wrong, or null.</summary>
    internal abstract ValueTask<string?> ConfigureAsync(IdentifyData identify);

    /// <summary>A DMA command went well.</summary>
    internal void NoteDmaGood()
    {
        if (_dmaTrouble == 0 || ++_dmaGood < AtaTimeouts.DmaTroubleForgiven)
            return;
        _dmaGood = 0;
        _dmaTrouble--;
    }

    /// <summary>A DMA command failed by the way the data moves; after some of them the drive is used by PIO.</summary>
    private protected void NoteDmaTrouble(string what)
    {
        _dmaGood = 0;
        if (++_dmaTrouble < AtaTimeouts.DmaTroubleLimit || TransferMode != TransferMode.Dma)
            return;
        _wantedMode = TransferMode.Pio;
        UseMode(TransferMode.Pio);
        _dmaTrouble = 0;
        Channel.Log.Warning($"{Name}: {AtaTimeouts.DmaTroubleLimit} DMA failures, from now on by PIO; last: {what}");
    }

    /// <summary>Everything that is not the medium's: again, by and by without DMA, until the tries are used up.</summary>
    private protected Verdict JudgeTransport(DriveRequest request, AtaCommand command, in CommandOutcome outcome)
    {
        if (request.UsesDma && outcome.Kind is OutcomeKind.DmaError or OutcomeKind.Timeout or OutcomeKind.Short or OutcomeKind.Protocol)
            NoteDmaTrouble($"{command.Name} at block {request.NextBlock}: {outcome.Describe(command.IsPacket)}");
        if (request.Failures < AtaTimeouts.Attempts)
            return Verdict.Retry;
        var kind = outcome.Kind == OutcomeKind.Timeout ? BlockErrorKind.Timeout
            : !command.IsPacket && outcome.Kind == OutcomeKind.DeviceError && (outcome.Error & AtaError.NoMedium) != 0 ? BlockErrorKind.NoMedium
            : BlockErrorKind.DeviceError;
        return Verdict.Fail(MakeError(kind, request, command, outcome, $"{request.Failures} tries"));
    }

    private void UseMode(TransferMode mode)
    {
        TransferMode = mode;
        TransferModeName = mode == TransferMode.Pio ? "PIO" : DmaModes.NameSelected(Identify);
        OnModeChanged();
    }

    private protected virtual void OnModeChanged()
    {
    }

    /// <summary>Chooses the mode at configuration, and tells a drive without a selected DMA mode which to use.</summary>
    private protected async ValueTask<string?> ConfigureDmaAsync(IdentifyData identify)
    {
        if (_wantedMode == TransferMode.Pio || !CanUseDma)
        {
            UseMode(TransferMode.Pio);
            return null;
        }

        if (!DmaModes.IsSelected(identify))
        {
            var command = Channel.ControlCommand;
            command.SetControl(
                AtaOpcode.SetFeatures, CommandProtocol.NonData, Index, AtaTimeouts.Control, SetFeature.TransferMode, DmaModes.SafeMode(identify));
            var outcome = await Channel.ExecuteAsync(command).ConfigureAwait(false);
            if (!outcome.IsGood)
            {
                Channel.Log.Warning($"{Name}: SET FEATURES (transfer mode): {outcome.Describe(packet: false)}; used by PIO");
                UseMode(TransferMode.Pio);
                return outcome.NeedsReset ? "SET FEATURES ended badly" : null;
            }
        }

        UseMode(TransferMode.Dma);
        return null;
    }

    private protected BlockError MakeError(BlockErrorKind kind, string operation, ulong? block, string detail) =>
        new(kind, Name, operation, block, detail);

    /// <summary>The error of a failed command, for people.</summary>
    private protected BlockError MakeError(BlockErrorKind kind, DriveRequest request, AtaCommand command, in CommandOutcome outcome, string? more = null)
    {
        ulong? block = request.Kind switch
        {
            RequestKind.Flush or RequestKind.Barrier => null,
            _ => outcome.Lba is { } lba && lba >= request.NextBlock && lba < request.NextBlock + request.Chunk ? lba : request.NextBlock,
        };
        var detail = outcome.Describe(command.IsPacket);
        return MakeError(kind, command.Name, block, more is null ? detail : $"{more}, {detail}");
    }

    internal BlockError GoneError(RequestKind kind, ulong? block) => MakeError(
        BlockErrorKind.Gone,
        kind switch
        {
            RequestKind.Read => "READ",
            RequestKind.Write => "WRITE",
            RequestKind.Flush => "FLUSH CACHE",
            RequestKind.Discard => "DATA SET MANAGEMENT",
            _ => "drain",
        },
        kind is RequestKind.Read or RequestKind.Write or RequestKind.Discard ? block : null,
        GoneBecause ?? "the drive is gone");

    private protected ValueTask<BlockResult> Submit(
        RequestKind kind, ulong block, ulong count, Memory<byte> memory, bool isInternal, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BlockResult>(cancellationToken);
        var request = Channel.Rent();
        request.Fill(this, kind, block, count, memory, isInternal, cancellationToken);
        var task = request.Task;
        Channel.Submit(request);
        return task;
    }

    private protected ValueTask<BlockResult> Refuse(BlockErrorKind kind, string operation, ulong? block, string detail, CancellationToken cancellationToken) =>
        Refuse(MakeError(kind, operation, block, detail), cancellationToken);

    private protected static ValueTask<BlockResult> Refuse(BlockError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<BlockResult>(cancellationToken)
            : ValueTask.FromResult(BlockResult.Failure(error));

    /// <summary>Why the drive takes no transfers now; null when it does.</summary>
    private protected virtual BlockError? CheckReady(RequestKind kind, ulong block) => null;

    /// <summary>Explains a range that the drive cannot address.</summary>
    private protected virtual string LimitText => "";

    private ValueTask<BlockResult> Transfer(RequestKind kind, ulong block, Memory<byte> memory, CancellationToken cancellationToken)
    {
        var size = Geometry.BlockSize;
        var error = CheckReady(kind, block);
        if (error is null && (memory.Length == 0 || memory.Length % size != 0))
        {
            error = MakeError(
                BlockErrorKind.InvalidRequest, kind == RequestKind.Read ? "READ" : "WRITE", block,
                $"{memory.Length} bytes are not a whole number of blocks of {size} bytes, at least one");
        }

        error ??= CheckRange(kind, block, (ulong)(memory.Length / size));
        return error is null
            ? Submit(kind, block, (ulong)(memory.Length / size), memory, isInternal: false, cancellationToken)
            : Refuse(error, cancellationToken);
    }

    private BlockError? CheckRange(RequestKind kind, ulong block, ulong count)
    {
        var blocks = Geometry.BlockCount;
        if (count != 0 && block < blocks && count <= blocks - block)
            return null;
        var operation = kind switch { RequestKind.Read => "READ", RequestKind.Write => "WRITE", _ => "DATA SET MANAGEMENT" };
        return MakeError(
            BlockErrorKind.InvalidRequest, operation, block,
            string.Create(CultureInfo.InvariantCulture, $"{count} blocks from block {block} on are not inside the {blocks} blocks of {Geometry.BlockSize} bytes{LimitText}"));
    }
}
