using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>A device that records what it is told, and echoes in-band packets when asked to.</summary>
internal sealed class RecordingProvider : IChannelProvider
{
    public static readonly Guid Class = new("11111111-2222-3333-4444-555555555555");

    public ChannelOffer Offer { get; init; } = new() { ClassId = Class, InstanceId = new("aaaaaaaa-0000-0000-0000-000000000001") };

    public uint OpenStatus { get; set; }

    public bool Echoes { get; set; }

    public List<ChannelSession> Opened { get; } = [];

    public List<ChannelPacket> Packets { get; } = [];

    public List<(ChannelSession Session, CloseReason Reason)> Closed { get; } = [];

    public List<HostGpadl> Buffers { get; } = [];

    public Action<ChannelSession, ChannelPacket>? OnPacket { get; set; }

    public uint Open(ChannelSession session)
    {
        Opened.Add(session);
        return OpenStatus;
    }

    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        Packets.Add(packet);
        OnPacket?.Invoke(session, packet);
        if (!Echoes)
            return;
        if (packet.WantsCompletion)
            session.Complete(packet.TransactionId, packet.Payload);
        else
            session.SendInBand(packet.Payload, packet.TransactionId);
    }

    public void Close(ChannelSession session, CloseReason reason) => Closed.Add((session, reason));

    public void BufferCreated(ChannelSession session, HostGpadl buffer) => Buffers.Add(buffer);
}
