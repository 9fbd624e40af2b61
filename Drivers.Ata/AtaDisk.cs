using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// An ATA hard disk: reads, writes, flush and TRIM by 28-bit commands where these reach and by 48-bit commands beyond, in logical blocks
/// of 512 to 4096 bytes.
/// </summary>
public sealed class AtaDisk : IdeDrive, IMediumPath
{
    private const int MostPioBlocks = 256;
    private const int ExtendedBlocks = 65536;

    /// <summary>A range of DATA SET MANAGEMENT: 48 bits of address, 16 bits of length (ACS-2 7.5.3.1).</summary>
    private const int RangeSize = 8;
    private const int RangeBlocks = 65535;
    private const int PayloadSize = 512;

    /// <summary>Requests are joined up to this length: more would gain little, and the other drive of the channel waits meanwhile.</summary>
    private const int LongestJoined = 512 << 10;

    private readonly bool _reaches28;
    private BlockGeometry _geometry;
    private int _multiple;

    internal AtaDisk(IdeChannel channel, int index, IdentifyData identify, bool preferPio)
        : base(channel, index, identify, preferPio)
    {
        _reaches28 = identify.BlockCount <= IdentifyData.Lba28Blocks;
        _geometry = MakeGeometry();
    }

    /// <inheritdoc/>
    public override BlockGeometry Geometry => _geometry;

    /// <inheritdoc/>
    public MediumIdentity? Medium => Channel.LegacyNumber is { } number ? MediumIdentity.Ide(number, Index) : null;

    /// <inheritdoc/>
    public PathRank Rank => PathRank.Emulated;

    private protected override RequestKind DrainKind => NeedsFlush ? RequestKind.Flush : RequestKind.Barrier;

    private protected override string LimitText => Identify.HasLba48
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"; the drive has 28-bit addresses only, which reach {IdentifyData.Lba28Blocks} blocks at most");

    private bool NeedsFlush => Identify.HasFlush || Identify.HasFlushExt || Identify.HasWriteCache;

    /// <inheritdoc/>
    public override ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Submit(DrainKind, 0, 0, default, isInternal: false, cancellationToken);

    /// <inheritdoc/>
    internal override bool Prepare(DriveRequest request, AtaCommand command, out BlockError? error)
    {
        error = null;
        switch (request.Kind)
        {
            case RequestKind.Read:
            case RequestKind.Write:
                PrepareTransfer(request, command);
                return true;
            case RequestKind.Flush:
                var extended = Identify.HasFlushExt;
                command.SetControl(
                    extended ? AtaOpcode.FlushCacheExt : AtaOpcode.FlushCache, CommandProtocol.NonData, Index, AtaTimeouts.Flush, extended: extended);
                return true;
            case RequestKind.Discard when TransferMode == TransferMode.Dma:
                PrepareDiscard(request, command);
                return true;
            case RequestKind.Discard:
                error = MakeError(BlockErrorKind.NotSupported, "DATA SET MANAGEMENT", request.NextBlock, "TRIM needs DMA, and the drive is used by PIO");
                return false;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    internal override ValueTask<Verdict> JudgeAsync(DriveRequest request, AtaCommand command, CommandOutcome outcome)
    {
        const AtaError Final = AtaError.Uncorrectable | AtaError.IdNotFound | AtaError.AddressMarkNotFound;
        if (outcome.Kind == OutcomeKind.DeviceError && (outcome.Error & Final) != 0)
        {
            // The drive has tried itself, many times. On a write, bit 6 is write protection (ATA/ATAPI-6 8.45.6).
            var protectedMedium = request.Kind == RequestKind.Write && (outcome.Error & Final) == AtaError.Uncorrectable && Identify.IsRemovable;
            return new(Verdict.Fail(MakeError(protectedMedium ? BlockErrorKind.ReadOnly : BlockErrorKind.MediumError, request, command, outcome)));
        }

        return new(JudgeTransport(request, command, outcome));
    }

    /// <inheritdoc/>
    internal override async ValueTask<string?> ConfigureAsync(IdentifyData identify)
    {
        _multiple = 0;
        if (identify.MaximumMultiple > 1)
        {
            var multiple = Math.Min(identify.MaximumMultiple, 16 * 512 / identify.BlockSize);
            var command = Channel.ControlCommand;
            command.SetControl(AtaOpcode.SetMultipleMode, CommandProtocol.NonData, Index, AtaTimeouts.Control, count: multiple);
            var outcome = await Channel.ExecuteAsync(command).ConfigureAwait(false);
            if (outcome.IsGood)
                _multiple = multiple;
            else if (outcome.NeedsReset || outcome.Kind == OutcomeKind.Gone)
                return $"SET MULTIPLE MODE: {outcome.Describe(packet: false)}";
            else
                Channel.Log.Warning($"{Name}: SET MULTIPLE MODE {multiple}: {outcome.Describe(packet: false)}; sector by sector");
        }

        return await ConfigureDmaAsync(identify).ConfigureAwait(false);
    }

    private protected override void OnModeChanged() => _geometry = MakeGeometry();

    private BlockGeometry MakeGeometry() => new()
    {
        BlockSize = Identify.BlockSize,
        BlockCount = Identify.BlockCount,
        PhysicalBlockSize = Identify.PhysicalBlockSize,
        IsRemovable = Identify.IsRemovable,
        HasWriteCache = Identify.HasWriteCache,
        CanDiscard = Identify.HasTrim && TransferMode == TransferMode.Dma,
    };

    private void PrepareTransfer(DriveRequest request, AtaCommand command)
    {
        var size = Identify.BlockSize;
        var shift = BitOperations.Log2((uint)size);
        var reading = request.Kind == RequestKind.Read;
        var dma = TransferMode == TransferMode.Dma;
        var blocks = (int)Math.Min(request.BlocksLeft, (ulong)(dma && Identify.HasLba48 ? ExtendedBlocks : MostPioBlocks));
        if (dma)
            blocks = Math.Min(blocks, BusMaster.LongestTransfer >> shift);
        var data = request.Memory.Slice((int)request.Done << shift, blocks << shift);
        if (dma)
        {
            var prepared = Channel.BusMaster!.Prepare(data, reading);
            blocks = prepared >> shift;
            data = data[..prepared];
        }

        request.Chunk = (uint)blocks;
        request.UsesDma = dma;
        var length = data.Length;
        if (dma && Identify.HasLba48 && !request.IsAlone && request.Chunk == request.BlocksLeft)
        {
            length = Join(request, length);
            blocks = length >> shift;
        }

        var lba = request.NextBlock;
        var extended = Identify.HasLba48
            && (blocks > MostPioBlocks || (!_reaches28 && lba + (uint)blocks >= IdentifyData.Lba28Blocks));
        var (opcode, drqBlocks) = Choose(reading, dma, extended);
        var protocol = (reading, dma) switch
        {
            (true, true) => CommandProtocol.DmaIn,
            (false, true) => CommandProtocol.DmaOut,
            (true, false) => CommandProtocol.PioIn,
            _ => CommandProtocol.PioOut,
        };
        command.SetTransfer(opcode, protocol, Index, extended, lba, blocks, length, AtaTimeouts.Transfer);
        if (!dma)
            command.SetPio(data, drqBlocks << shift);
    }

    /// <summary>Takes the requests along that wait next in the queue and go on where this one ends: one command costs more than its data.</summary>
    /// <returns>Bytes of all.</returns>
    private int Join(DriveRequest request, int length)
    {
        var last = request;
        while (Queue.First is { } next && last.IsContinuedBy(next) && length + next.Memory.Length <= LongestJoined
            && Channel.BusMaster!.TryExtend(next.Memory))
        {
            Queue.Dequeue();
            next.State = RequestState.Active;
            if (ReferenceEquals(last, request))
                request.Followers = next;
            else
                last.Next = next;
            last = next;
            length += next.Memory.Length;
        }

        return length;
    }

    private (AtaOpcode Opcode, int DrqBlocks) Choose(bool reading, bool dma, bool extended)
    {
        if (dma)
        {
            return (reading
                ? extended ? AtaOpcode.ReadDmaExt : AtaOpcode.ReadDma
                : extended ? AtaOpcode.WriteDmaExt : AtaOpcode.WriteDma, 0);
        }

        if (_multiple > 1)
        {
            return (reading
                ? extended ? AtaOpcode.ReadMultipleExt : AtaOpcode.ReadMultiple
                : extended ? AtaOpcode.WriteMultipleExt : AtaOpcode.WriteMultiple, _multiple);
        }

        return (reading
            ? extended ? AtaOpcode.ReadSectorsExt : AtaOpcode.ReadSectors
            : extended ? AtaOpcode.WriteSectorsExt : AtaOpcode.WriteSectors, 1);
    }

    /// <summary>One block of ranges for each command: up to 64 ranges of up to 65535 blocks. Unused ranges have length 0.</summary>
    private void PrepareDiscard(DriveRequest request, AtaCommand command)
    {
        var payload = Channel.BusMaster!.PrepareOwn(PayloadSize);
        payload.Clear();
        ulong covered = 0;
        for (var offset = 0; offset < PayloadSize && covered < request.BlocksLeft; offset += RangeSize)
        {
            var count = Math.Min(request.BlocksLeft - covered, RangeBlocks);
            BinaryPrimitives.WriteUInt64LittleEndian(payload[offset..], (request.NextBlock + covered) | (count << 48));
            covered += count;
        }

        request.Chunk = (uint)covered;
        request.UsesDma = true;
        command.SetControl(
            AtaOpcode.DataSetManagement, CommandProtocol.DmaOut, Index, AtaTimeouts.Flush, features: 1, count: 1, extended: true);
    }
}
