using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What comes in on a channel besides answers: the host's own messages (rules S1, S2, S7), room, and the end.</summary>
internal sealed class StorageChannel : ChannelHandler
{
    private readonly StorageAdapter _adapter;

    /// <param name="adapter">The adapter.</param>
    public StorageChannel(StorageAdapter adapter) => _adapter = adapter;

    /// <summary>Null until the set-up is done; everything that comes before is ignored.</summary>
    public StorageQueue? Queue { get; set; }

    /// <summary>Called at the end with the reason.</summary>
    public Action<ChannelEnd>? Ended { get; set; }

    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        if (Queue is null || packet.Type != PacketType.InBand || packet.TransactionId != 0 || packet.Payload.Length < sizeof(uint)
            || (StorageOperation)MemoryMarshal.Read<uint>(packet.Payload) is not (StorageOperation.EnumerateBus or StorageOperation.RemoveDevice))
        {
            _adapter.Counters.StrayMessages++;
            _adapter.Warnings.Warning($"a message of {packet.Payload.Length} bytes that is not expected, ignored");
            return;
        }

        _adapter.ScanWanted?.Invoke();
    }

    public override void OnRoom(VmBusChannel channel) => Queue?.Pump();

    public override void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
        if (Queue is { } queue)
            _adapter.End(queue);
        Ended?.Invoke(reason);
    }
}
