using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// A packet drive with a removable medium: CD, DVD. Reads only. After a change of medium every read fails with
/// <see cref="BlockErrorKind.MediumChanged"/> until <see cref="RefreshMediumAsync"/>, so that no two discs are mixed up.
/// </summary>
public sealed class AtapiDrive : IdeDrive, IRemovableBlockDevice
{
    private const int DefaultBlockSize = 2048;
    private const int LongestRead = 256 * 1024;

    /// <summary>The byte count register has 16 bits; even, and whole blocks (SFF-8020i 5.1.2).</summary>
    private const int MostBytesPerInterrupt = 0xF800;

    /// <summary>Unit attentions queue up in a drive: power on, reset, new medium.</summary>
    private const int MostAttentions = 8;

    private readonly byte[] _reply = new byte[64];
    private readonly BlockGeometry _empty = new() { BlockSize = DefaultBlockSize, BlockCount = 0, PhysicalBlockSize = DefaultBlockSize, IsReadOnly = true, IsRemovable = true };
    private volatile BlockGeometry _geometry;
    private volatile bool _stale;

    internal AtapiDrive(IdeChannel channel, int index, IdentifyData identify, bool preferPio)
        : base(channel, index, identify, preferPio) => _geometry = _empty;

    /// <summary>As of the last <see cref="RefreshMediumAsync"/>; no blocks when there was no medium.</summary>
    public override BlockGeometry Geometry => _geometry;

    private protected override RequestKind DrainKind => RequestKind.Barrier;

    /// <summary>Nothing to write back: done when all earlier requests are.</summary>
    public override ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Submit(RequestKind.Barrier, 0, 0, default, isInternal: false, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlockResult> RefreshMediumAsync(CancellationToken cancellationToken = default)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            await Channel.EnterAsync(cancellationToken).ConfigureAwait(false);
            BlockResult? result;
            try
            {
                result = GoneBecause is null
                    ? await TryRefreshAsync(mayWait: waited < AtaTimeouts.BecomingReady).ConfigureAwait(false)
                    : BlockResult.Failure(GoneError(RequestKind.Barrier, null));
            }
            finally
            {
                Channel.Leave();
            }

            if (result is { } final)
                return final;
            await Task.Delay(AtaTimeouts.BecomingReadyInterval, Channel.Clock, cancellationToken).ConfigureAwait(false);
            waited += AtaTimeouts.BecomingReadyInterval;
        }
    }

    /// <inheritdoc/>
    public ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default) => MoveTrayAsync(load: false, cancellationToken);

    /// <summary>Pulls the tray in, where the drive can. <see cref="RefreshMediumAsync"/> tells what is on it.</summary>
    public ValueTask<BlockResult> LoadAsync(CancellationToken cancellationToken = default) => MoveTrayAsync(load: true, cancellationToken);

    /// <summary>Locks the medium in, or unlocks it.</summary>
    public async ValueTask<BlockResult> SetLockAsync(bool locked, CancellationToken cancellationToken = default)
    {
        await Channel.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await RunAsync(packet => PacketCommands.PreventRemoval(packet, locked)).ConfigureAwait(false);
        }
        finally
        {
            Channel.Leave();
        }
    }

    /// <summary>Asks for media events without touching the disc. A drive without them is asked whether it is ready.</summary>
    /// <returns>The status, or null with the error when the drive failed.</returns>
    public async ValueTask<(MediumStatus? Status, BlockResult Result)> PollMediumAsync(CancellationToken cancellationToken = default)
    {
        await Channel.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var reply = _reply.AsMemory(0, MediumEventReader.Size);
            reply.Span.Clear();
            var result = await RunAsync(PacketCommands.GetMediumEvent, reply).ConfigureAwait(false);
            MediumStatus status;
            if (!result.IsSuccess || !MediumEventReader.TryRead(reply.Span, out status))
            {
                result = await RunAsync(PacketCommands.TestUnitReady).ConfigureAwait(false);
                if (!result.IsSuccess && result.Error.Kind is not (BlockErrorKind.NoMedium or BlockErrorKind.MediumChanged))
                    return (null, result);
                status = new MediumStatus(
                    !result.IsSuccess && result.Error.Kind == BlockErrorKind.NoMedium ? MediumEvent.Removal : _stale ? MediumEvent.Changed : MediumEvent.None,
                    result.IsSuccess || result.Error.Kind == BlockErrorKind.MediumChanged,
                    IsTrayOpen: false);
            }

            if (status.Event is MediumEvent.NewMedium or MediumEvent.Removal or MediumEvent.Changed)
                _stale = true;
            return (status, BlockResult.Success);
        }
        finally
        {
            Channel.Leave();
        }
    }

    private protected override BlockError? CheckReady(RequestKind kind, ulong block)
    {
        if (_stale)
            return MakeError(BlockErrorKind.MediumChanged, "READ(10)", block, "the medium was changed; its size has to be read again");
        return _geometry.BlockCount == 0 ? MakeError(BlockErrorKind.NoMedium, "READ(10)", block, "no medium in the drive") : null;
    }

    /// <inheritdoc/>
    internal override bool Prepare(DriveRequest request, AtaCommand command, out BlockError? error)
    {
        error = null;
        if (request.Kind != RequestKind.Read)
            return false;

        // The medium may have changed while the request waited.
        error = CheckReady(request.Kind, request.NextBlock);
        if (error is not null)
            return false;
        var shift = BitOperations.Log2((uint)_geometry.BlockSize);
        if (((ulong)request.Memory.Length >> shift) != request.BlockCount)
        {
            error = MakeError(BlockErrorKind.MediumChanged, "READ(10)", request.NextBlock, "the medium that came in has other blocks");
            return false;
        }

        var dma = TransferMode == TransferMode.Dma;
        var blocks = (int)Math.Min(request.BlocksLeft, (ulong)(LongestRead >> shift));
        var data = request.Memory.Slice((int)request.Done << shift, blocks << shift);
        if (dma)
        {
            var prepared = Channel.BusMaster!.Prepare(data, toMemory: true);
            blocks = prepared >> shift;
            data = data[..prepared];
        }

        request.Chunk = (uint)blocks;
        request.UsesDma = dma;
        var packet = SetPacket(command, dma ? CommandProtocol.PacketDmaIn : CommandProtocol.PacketPioIn, data.Length);
        PacketCommands.Read(packet, (uint)request.NextBlock, (uint)blocks);
        command.SetPio(data, Math.Min(data.Length, MostBytesPerInterrupt));
        return true;
    }

    /// <inheritdoc/>
    internal override async ValueTask<Verdict> JudgeAsync(DriveRequest request, AtaCommand command, CommandOutcome outcome)
    {
        if (outcome.Kind != OutcomeKind.DeviceError)
            return JudgeTransport(request, command, outcome);
        var (senseKnown, sense) = await RequestSenseAsync().ConfigureAwait(false);
        if (!senseKnown)
            return JudgeTransport(request, command, outcome);
        if (sense.IsBecomingReady && request.Waits++ * AtaTimeouts.BecomingReadyInterval < AtaTimeouts.BecomingReady)
            return Verdict.RetryLater;
        NoteMedium(sense);
        var kind = Classify(sense);
        var mayRetry = kind == BlockErrorKind.DeviceError && sense.Key is not (ScsiSense.IllegalRequest or ScsiSense.NotReady);
        if (mayRetry && request.Failures < AtaTimeouts.Attempts)
            return Verdict.Retry;
        var error = MakeError(kind, request, command, outcome, sense.ToString());
        if (sense.Information is { } failed && failed >= request.NextBlock && failed < request.NextBlock + request.Chunk)
            error = error with { Block = failed };
        return Verdict.Fail(error);
    }

    /// <inheritdoc/>
    internal override ValueTask<string?> ConfigureAsync(IdentifyData identify) => ConfigureDmaAsync(identify);

    private static BlockErrorKind Classify(in ScsiSense sense) => sense.Key switch
    {
        ScsiSense.NotReady when sense.IsNoMedium => BlockErrorKind.NoMedium,
        ScsiSense.UnitAttention when sense.IsMediumChanged => BlockErrorKind.MediumChanged,
        ScsiSense.MediumErrorKey or ScsiSense.BlankCheck => BlockErrorKind.MediumError,

        // 64: ILLEGAL MODE FOR THIS TRACK, an audio track.
        ScsiSense.IllegalRequest when sense.Code == 0x64 => BlockErrorKind.MediumError,
        ScsiSense.IllegalRequest when sense.Code == 0x20 => BlockErrorKind.NotSupported,
        _ => BlockErrorKind.DeviceError,
    };

    private void NoteMedium(in ScsiSense sense)
    {
        if (sense.IsNoMedium)
            _geometry = _empty;
        else if (sense.IsMediumChanged)
            _stale = true;
    }

    /// <summary>Null when the medium is becoming ready and it is worth to wait. Owns the channel.</summary>
    private async ValueTask<BlockResult?> TryRefreshAsync(bool mayWait)
    {
        var empty = false;
        for (var attentions = 0; ; attentions++)
        {
            var (outcome, sense) = await SendAsync(PacketCommands.TestUnitReady, default).ConfigureAwait(false);
            if (outcome.IsGood)
                break;
            if (sense is { IsNoMedium: true })
            {
                // Asked twice: after a change a drive may report the moment without a disc first and the new disc only then (QEMU does).
                if (!empty)
                {
                    empty = true;
                    continue;
                }

                _geometry = _empty;
                _stale = false;
                return BlockResult.Success;
            }

            if (sense is { IsBecomingReady: true } && mayWait)
                return null;
            if (sense is not { Key: ScsiSense.UnitAttention or ScsiSense.RecoveredError or ScsiSense.NoSense } || attentions >= MostAttentions)
                return Fail("TEST UNIT READY", outcome, sense);
        }

        var reply = _reply.AsMemory(0, 8);
        var result = await RunAsync(PacketCommands.ReadCapacity, reply).ConfigureAwait(false);
        if (!result.IsSuccess)
            return result;
        var last = BinaryPrimitives.ReadUInt32BigEndian(reply.Span);
        var size = BinaryPrimitives.ReadUInt32BigEndian(reply.Span[4..]);
        if (size is < 512 or > 4096 || !BitOperations.IsPow2(size))
        {
            // Drives are known that report the raw size of a sector, 2352; data always comes in blocks of 2048.
            Channel.Log.Warning($"{Name}: READ CAPACITY reports blocks of {size} bytes; {DefaultBlockSize} assumed");
            size = DefaultBlockSize;
        }

        _geometry = _empty with { BlockSize = (int)size, PhysicalBlockSize = (int)size, BlockCount = (ulong)last + 1 };
        _stale = false;
        return BlockResult.Success;
    }

    private async ValueTask<BlockResult> MoveTrayAsync(bool load, CancellationToken cancellationToken)
    {
        await Channel.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!load)
            {
                var unlocked = await RunAsync(packet => PacketCommands.PreventRemoval(packet, prevent: false)).ConfigureAwait(false);
                if (!unlocked.IsSuccess)
                    return unlocked;
            }

            var moved = await RunAsync(packet => PacketCommands.StartStop(packet, load)).ConfigureAwait(false);
            if (moved.IsSuccess)
            {
                if (!load)
                    _geometry = _empty;
                _stale = load;
            }

            return moved;
        }
        finally
        {
            Channel.Leave();
        }
    }

    /// <summary>A control command; unit attentions about anything but the medium are passed over. Owns the channel.</summary>
    private async ValueTask<BlockResult> RunAsync(PacketFiller fill, Memory<byte> reply = default)
    {
        if (GoneBecause is not null)
            return BlockResult.Failure(GoneError(RequestKind.Barrier, null));
        for (var tries = 1; ; tries++)
        {
            var (outcome, sense) = await SendAsync(fill, reply).ConfigureAwait(false);
            if (outcome.IsGood)
            {
                return outcome.Transferred >= reply.Length
                    ? BlockResult.Success
                    : BlockResult.Failure(MakeError(BlockErrorKind.DeviceError, _lastName, null, $"only {outcome.Transferred} of {reply.Length} bytes"));
            }

            if (sense is { } known)
                NoteMedium(known);
            if (sense is not { Key: ScsiSense.UnitAttention } || tries == MostAttentions)
                return Fail(_lastName, outcome, sense);
        }
    }

    private string _lastName = "";

    /// <summary>One control command and, where it failed, its sense data. A drive that hangs is reset. Owns the channel.</summary>
    private async ValueTask<(CommandOutcome Outcome, ScsiSense? Sense)> SendAsync(PacketFiller fill, Memory<byte> reply)
    {
        var command = Channel.ControlCommand;
        fill(SetPacket(command, reply.IsEmpty ? CommandProtocol.PacketNonData : CommandProtocol.PacketPioIn, reply.Length));
        command.SetPio(reply, reply.Length);
        _lastName = command.Name;
        var outcome = await Channel.ExecuteAsync(command).ConfigureAwait(false);
        if (outcome.IsGood)
            return (outcome, null);
        if (outcome.NeedsReset || outcome.Kind == OutcomeKind.Gone)
            await Channel.ResetAndRestoreAsync().ConfigureAwait(false);
        if (outcome.Kind != OutcomeKind.DeviceError || GoneBecause is not null)
            return (outcome, null);
        var (known, sense) = await RequestSenseAsync().ConfigureAwait(false);
        return (outcome, known ? sense : null);
    }

    private async ValueTask<(bool Known, ScsiSense Sense)> RequestSenseAsync()
    {
        var reply = _reply.AsMemory(_reply.Length - ScsiSense.Size);
        var command = Channel.ControlCommand;
        PacketCommands.RequestSense(SetPacket(command, CommandProtocol.PacketPioIn, reply.Length));
        command.SetPio(reply, reply.Length);
        var outcome = await Channel.ExecuteAsync(command).ConfigureAwait(false);
        if (outcome.IsGood)
            return (ScsiSense.TryRead(reply.Span[..outcome.Transferred], out var sense), sense);
        if (outcome.NeedsReset)
            await Channel.ResetAndRestoreAsync().ConfigureAwait(false);
        return (false, default);
    }

    private BlockResult Fail(string operation, in CommandOutcome outcome, ScsiSense? sense)
    {
        var kind = sense is { } known ? Classify(known) : outcome.Kind switch
        {
            OutcomeKind.Timeout => BlockErrorKind.Timeout,
            OutcomeKind.Gone => BlockErrorKind.Gone,
            _ => BlockErrorKind.DeviceError,
        };
        var detail = outcome.Describe(packet: true);
        return BlockResult.Failure(MakeError(kind, operation, null, sense is null ? detail : string.Create(CultureInfo.InvariantCulture, $"{sense}, {detail}")));
    }

    private Span<byte> SetPacket(AtaCommand command, CommandProtocol protocol, int length)
    {
        // Features: bit 0 DMA, bit 2 the direction (towards the host) for bridges that ask for it.
        var features = protocol != CommandProtocol.PacketDmaIn ? (byte)0 : Identify.NeedsDmaDirection ? (byte)5 : (byte)1;
        return command.SetPacket(protocol, Index, Identify.PacketSize, Identify.PacketInterrupts, length, features, AtaTimeouts.Packet);
    }

    private delegate void PacketFiller(Span<byte> packet);
}
