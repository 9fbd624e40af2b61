using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Testing.VmBus;

/// <summary>A handler that writes down what it is told.</summary>
internal sealed class TestHandler : ChannelHandler
{
    public List<(PacketType Type, ulong Id, byte[] Payload)> Packets { get; } = [];

    public List<int> Batches { get; } = [];

    public int Rooms { get; private set; }

    public List<ChannelEnd> Ends { get; } = [];

    public Action<VmBusChannel, ulong>? Packet { get; set; }

    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        Packets.Add((packet.Type, packet.TransactionId, packet.Payload.ToArray()));
        Packet?.Invoke(channel, packet.TransactionId);
    }

    public override void OnBatchEnd(VmBusChannel channel) => Batches.Add(Packets.Count);

    public override void OnRoom(VmBusChannel channel) => Rooms++;

    public override void OnEnd(VmBusChannel channel, ChannelEnd reason) => Ends.Add(reason);
}
