using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A VMBus channel.</summary>
internal sealed class ChannelLink(VmBusChannel channel) : StorageLink
{
    public override SendResult TrySend(StorageCommand command, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> packet) =>
        frames.IsEmpty ? channel.TrySendRequest(command, packet) : channel.TrySendRequest(command, range, frames, packet);
}
