using GuestOS.Drivers.VmBus.Channels;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>The way to the host: an open channel.</summary>
internal interface IBalloonLink
{
    SendResult TrySend(ReadOnlySpan<byte> message);
}
