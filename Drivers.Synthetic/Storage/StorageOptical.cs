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
        // What is found at the address of a drive that is gone is another one.
        var look = GoneBecause is null ? await _scanner.LookAsync(Address, cancellationToken).ConfigureAwait(false) : LunLook.Absent;
        if (GoneBecause is not null || look.Description is not { IsOptical: true } found)
            return Failure(BlockErrorKind.Gone, "READ CAPACITY", "the drive is not there any more");
        Update(found);
        return BlockResult.Success;
    }

    /// <inheritdoc/>
    public async ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default)
    {
        const string Operation = "START STOP UNIT";
        if (GoneBecause is not null)
            return Failure(BlockErrorKind.Gone, Operation, "");
        await _scanner.ExecuteAsync(Address, static cdb => CommandBlock.Allow(cdb), default, cancellationToken).ConfigureAwait(false);
        var outcome = await _scanner.ExecuteAsync(Address, static cdb => CommandBlock.Eject(cdb), default, cancellationToken).ConfigureAwait(false);
        if (outcome.IsGood)
            return await RefreshMediumAsync(cancellationToken).ConfigureAwait(false);

        // It was tried often enough.
        var verdict = Judge(DrainKind, outcome, StorvscTimeouts.Attempts, StorvscTimeouts.BusyAttempts);
        return Failure(verdict.Error!.Value, Operation, outcome.Describe());
    }

    private BlockResult Failure(BlockErrorKind kind, string operation, string detail) =>
        BlockResult.Failure(new BlockError(kind, Name, operation, null, GoneBecause ?? detail));
}
