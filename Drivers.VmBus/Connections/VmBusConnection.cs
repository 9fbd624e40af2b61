using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The guest's side of VMBus: contact, offers, and the channels behind them.</summary>
public sealed class VmBusConnection
{
    /// <param name="platform">The machine.</param>
    /// <param name="hypercalls">Enabled before <see cref="ConnectAsync"/>.</param>
    /// <param name="processors">The hypervisor's indices of the processors.</param>
    /// <param name="observer">Is told of devices.</param>
    /// <param name="options">How it behaves.</param>
    public VmBusConnection(ProcessorPlatform platform, Hypercalls hypercalls, VirtualProcessors processors, IVmBusObserver observer, VmBusOptions? options = null)
    {
        _ = platform;
        _ = hypercalls;
        _ = processors;
        _ = observer;
        _ = options;
        Source = new SynIcSource(Sint.VmBus, "vmbus", static _ => { });
    }

    /// <summary>The interrupt source of messages and events: give it to the <see cref="SynIc"/>.</summary>
    public SynIcSource Source { get; }

    /// <summary>Where it stands.</summary>
    public VmBusState State => throw new NotSupportedException();

    /// <summary>What was negotiated; default while there is no contact.</summary>
    public VmBusVersion Version => throw new NotSupportedException();

    /// <summary>What was granted, from 6.0 on.</summary>
    public FeatureFlags Features => throw new NotSupportedException();

    /// <summary>The host has said that these are all its offers.</summary>
    public bool AllOffersDelivered => throw new NotSupportedException();

    /// <summary>What was counted.</summary>
    public VmBusCounters Counters => throw new NotSupportedException();

    /// <summary>The devices that are offered now, in the order of their offers.</summary>
    public IReadOnlyList<VmBusDevice> Devices => throw new NotSupportedException();

    /// <summary>All channels as they are now, for the console.</summary>
    public IReadOnlyList<ChannelSnapshot> Snapshot() => throw new NotSupportedException();

    /// <summary>Negotiates a version, asks for offers, and returns when all were delivered or their time is over. Every wait is bounded.</summary>
    /// <param name="synic">Started, with <see cref="Source"/> among its sources.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VmBusException">There is no VMBus host, it speaks no version in the range, refused, or did not answer.</exception>
    public ValueTask ConnectAsync(SynIc synic, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>
    /// Closes every channel, fails what is in flight, and disconnects. Everything that the host had is the guest's again when it answered.
    /// Does nothing when there is no connection.
    /// </summary>
    /// <returns>Whether the host answered within <see cref="VmBusOptions.UnloadTimeout"/>.</returns>
    public ValueTask<bool> UnloadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>
    /// Tells the host from a dying kernel that the guest is gone, and looks for its answer. Takes no lock and allocates nothing; nothing else
    /// of the connection may run any more.
    /// </summary>
    /// <param name="polls">How often all message slots are looked at.</param>
    /// <returns>Whether the host answered.</returns>
    public bool UnloadAtPanic(int polls) => throw new NotSupportedException();

    /// <summary>
    /// Disconnects for a while: channels that are open are closed, devices stay. Drivers should have closed theirs before.
    /// </summary>
    public ValueTask SuspendAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>
    /// Connects again. Devices that are offered again, by class, instance and subchannel index, keep their objects under new ids;
    /// those that are not are rescinded. Drivers open their channels anew.
    /// </summary>
    /// <exception cref="VmBusException">As of <see cref="ConnectAsync"/>.</exception>
    public ValueTask ResumeAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
