using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A VMBus host's way to the guest of a simulated partition.</summary>
public sealed class PartitionTransport : IVmBusTransport
{
    private readonly SimulatedPartition _partition;

    /// <param name="partition">The partition.</param>
    public PartitionTransport(SimulatedPartition partition)
    {
        ArgumentNullException.ThrowIfNull(partition);
        _partition = partition;
    }

    /// <inheritdoc/>
    public TimeProvider Clock => _partition.Clock;

    /// <inheritdoc/>
    public IGuestMemory Memory => _partition.Memory;

    /// <inheritdoc/>
    public void OpenMessagePort(ConnectionId connection, MessagePortHandler handler) =>
        _partition.Hypercalls.MessagePorts[connection.Value] = payload => handler(payload);

    /// <inheritdoc/>
    public void CloseMessagePort(ConnectionId connection) => _partition.Hypercalls.MessagePorts.TryRemove(connection.Value, out _);

    /// <inheritdoc/>
    public void OpenEventPort(ConnectionId connection, Action<ushort> handler) => _partition.Hypercalls.EventPorts[connection.Value] = handler;

    /// <inheritdoc/>
    public void CloseEventPort(ConnectionId connection) => _partition.Hypercalls.EventPorts.TryRemove(connection.Value, out _);

    /// <inheritdoc/>
    public bool HasProcessor(VpIndex vp) => _partition.Find(vp.Value) is not null;

    /// <inheritdoc/>
    public bool TryPost(VpIndex vp, Sint sint, ReadOnlySpan<byte> payload) =>
        _partition.Find(vp.Value)?.SynIc.TryPost(sint.Value, (uint)SynIcMessageType.VmBus, 0, payload) ?? false;

    /// <inheritdoc/>
    public bool TrySignal(VpIndex vp, Sint sint, uint flag) => _partition.Find(vp.Value)?.SynIc.TrySignal(sint.Value, flag) ?? false;

    /// <inheritdoc/>
    public void Interrupt(VpIndex vp, Sint sint) => _partition.Find(vp.Value)?.SynIc.Interrupt(sint.Value);
}
