using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <summary>Takes the payload of a posted message. Runs on the guest's processor, so it copies and returns.</summary>
public delegate CallStatus MessagePortHandler(ReadOnlySpan<byte> payload);

/// <summary>
/// What a VMBus host needs of the hypervisor: ports for the guest's messages and events, messages and events to the guest, and guest
/// memory. A virtual machine monitor implements it around its own SynIC; <see cref="PartitionTransport"/> does for the simulated one.
/// </summary>
public interface IVmBusTransport
{
    /// <summary>Time.</summary>
    TimeProvider Clock { get; }

    /// <summary>Guest memory.</summary>
    IGuestMemory Memory { get; }

    /// <summary>Messages that the guest posts on that connection go to <paramref name="handler"/> from now on.</summary>
    void OpenMessagePort(ConnectionId connection, MessagePortHandler handler);

    /// <summary>The connection is gone: posting on it fails with status 0x12.</summary>
    void CloseMessagePort(ConnectionId connection);

    /// <summary>Events that the guest signals on that connection go to <paramref name="handler"/> with their flag, on the guest's processor.</summary>
    void OpenEventPort(ConnectionId connection, Action<ushort> handler);

    /// <summary>The connection is gone: signalling it fails with status 0x12.</summary>
    void CloseEventPort(ConnectionId connection);

    /// <summary>True when the guest has that virtual processor.</summary>
    bool HasProcessor(VpIndex vp);

    /// <summary>Queues a message of type 1 for the guest. False when the queue is full: try again later.</summary>
    bool TryPost(VpIndex vp, Sint sint, ReadOnlySpan<byte> payload);

    /// <summary>Sets an event flag and raises its SINT. False when the guest has not enabled its event page.</summary>
    bool TrySignal(VpIndex vp, Sint sint, uint flag);

    /// <summary>Raises a SINT and sets no flag.</summary>
    void Interrupt(VpIndex vp, Sint sint);
}
