using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Where a queue's commands go.</summary>
internal abstract class StorageLink
{
    /// <summary>Sends a packet, with the pages of its data when it has some.</summary>
    public abstract SendResult TrySend(StorageCommand command, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> packet);
}
