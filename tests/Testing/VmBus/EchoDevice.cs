using GuestOS.Sandbox.VmBus;

namespace GuestOS.Testing.VmBus;

/// <summary>
/// A device that sends everything back: requests as completions, other packets in-band; memory that a packet names comes back with every
/// byte one higher. A payload that starts with 0xFF asks for so many subchannels as its second byte says.
/// </summary>
internal sealed class EchoDevice : IChannelProvider
{
    public static readonly Guid Class = new("11111111-2222-3333-4444-555555555555");

    public EchoDevice(byte number, TimeSpan? monitorLatency = null) => Offer = new ChannelOffer
    {
        ClassId = Class,
        InstanceId = new Guid(number, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        MonitorLatency = monitorLatency,
    };

    public ChannelOffer Offer { get; }

    public uint Open(ChannelSession session) => 0;

    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        if (packet.Payload is [0xFF, var count, ..])
            session.OfferSubchannels(count);
        if (packet.Data.ToArray() is { Length: > 0 } data)
            packet.Data.TryWrite(0, [.. data.Select(one => (byte)(one + 1))]);
        if (packet.WantsCompletion)
            session.Complete(packet.TransactionId, packet.Payload);
        else
            session.SendInBand(packet.Payload);
    }

    public void Close(ChannelSession session, CloseReason reason)
    {
    }
}
