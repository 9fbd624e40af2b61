using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>A <see cref="ValidatedBlockDevice"/> with a medium that can be taken out.</summary>
internal sealed class ValidatedRemovableBlockDevice : ValidatedBlockDevice, IRemovableBlockDevice
{
    private readonly IRemovableBlockDevice _inner;

    public ValidatedRemovableBlockDevice(IRemovableBlockDevice inner)
        : base(inner) => _inner = inner;

    public ValueTask<BlockResult> RefreshMediumAsync(CancellationToken cancellationToken = default) => _inner.RefreshMediumAsync(cancellationToken);

    public ValueTask<BlockResult> EjectAsync(CancellationToken cancellationToken = default) => _inner.EjectAsync(cancellationToken);
}
