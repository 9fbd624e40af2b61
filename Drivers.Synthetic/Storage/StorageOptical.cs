using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Storage.Scsi;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A DVD drive behind a SCSI controller.</summary>
internal sealed class StorageOptical : StorageDevice, IRemovableBlockDevice
{
    private readonly LunScanner _scanner;

    public StorageOptical(StorageAdapter adapter, LunScanner scanner, LunAddress address, string name, LunDescription description)
        : base(adapter, address, name, description) => _scanner = scanner;

    private protected override BlockCommandKind DrainKind => BlockCommandKind.Barrier;

    /// <summary>A disc that is only read has nothing to flush.</summary>
    public override ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Submit(BlockCommandKind.Barrier, 0, 0, default, isInternal: false, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlockResult> RefreshMediumAsync(CancellationToken cancellationToken = default)
    {
        var look = await _scanner.LookAsync(Address, cancellationToken).ConfigureAwait(false);
        if (look.Description is not { IsOptical: true } found)
            return BlockResult.Failure(new BlockError(BlockErrorKind.Gone, Name, "READ CAPACITY", null, GoneBecause ?? "the drive is not there any more"));
        Update(found);
        return BlockResult.Success;
    }

    /// <inheritdoc/>
    public async ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default)
    {
        await _scanner.ExecuteAsync(Address, static cdb => CommandBlock.Allow(cdb), default, cancellationToken).ConfigureAwait(false);
        var outcome = await _scanner.ExecuteAsync(Address, static cdb => CommandBlock.Eject(cdb), default, cancellationToken).ConfigureAwait(false);
        if (!outcome.IsGood)
        {
            var kind = outcome.Kind == OutcomeKind.Gone ? BlockErrorKind.Gone
                : outcome.Sense is { Key: SenseKey.IllegalRequest, Code: 0x20 } ? BlockErrorKind.NotSupported
                : BlockErrorKind.DeviceError;
            return BlockResult.Failure(new BlockError(kind, Name, "START STOP UNIT", null, outcome.Describe()));
        }

        return await RefreshMediumAsync(cancellationToken).ConfigureAwait(false);
    }
}
