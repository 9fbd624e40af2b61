using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A disk: behind a SCSI controller, or the accelerator of an IDE disk, which says which one.</summary>
internal sealed class StorageDisk : StorageDevice, IMediumPath, IResizable
{
    public StorageDisk(StorageAdapter adapter, LunAddress address, string name, LunDescription description, MediumIdentity? medium)
        : base(adapter, address, name, description) => Medium = medium;

    /// <inheritdoc/>
    public event Action<IBlockDevice>? Resized;

    /// <inheritdoc/>
    public MediumIdentity? Medium { get; }

    /// <inheritdoc/>
    public PathRank Rank => PathRank.Synthetic;

    /// <inheritdoc/>
    public ValueTask<BlockResult> QuiesceAsync(CancellationToken cancellationToken = default) => HoldAsync(Hold.Quiesced, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Release(Hold.Quiesced);
        return ValueTask.CompletedTask;
    }

    /// <summary>Tells whoever wants to know.</summary>
    public void AnnounceSize() => Resized?.Invoke(this);
}
