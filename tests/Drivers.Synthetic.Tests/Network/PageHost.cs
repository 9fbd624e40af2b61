using GuestOS.Sandbox.VmBus;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>The host's side of a channel: keeps what it is sent, and completes it when it is told to.</summary>
internal sealed class PageHost : IChannelProvider
{
    private readonly List<(ChannelSession Session, ulong TransactionId)> _kept = [];

    public ChannelOffer Offer { get; } = new()
    {
        ClassId = new Guid("5c2b6c8e-6d1f-4a55-9a43-0c1b5b7a0101"),
        InstanceId = new Guid("5c2b6c8e-6d1f-4a55-9a43-0c1b5b7a0102"),
    };

    public uint Open(ChannelSession session) => 0;

    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        if (packet.WantsCompletion)
            _kept.Add((session, packet.TransactionId));
    }

    public void Close(ChannelSession session, CloseReason reason) => _kept.Clear();

    /// <summary>Completes all that it has.</summary>
    public void Complete(byte[] payload)
    {
        foreach (var (session, id) in _kept)
            session.Post(() => session.Complete(id, payload));
        _kept.Clear();
    }
}
