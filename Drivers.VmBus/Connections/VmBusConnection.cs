using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The guest's side of VMBus: contact, offers, and the channels behind them.</summary>
public sealed class VmBusConnection
{
    private readonly ConnectionLoop _loop;

    /// <param name="platform">The machine.</param>
    /// <param name="hypercalls">Enabled before <see cref="ConnectAsync"/>.</param>
    /// <param name="processors">The hypervisor's indices of the processors.</param>
    /// <param name="observer">Is told of devices.</param>
    /// <param name="options">How it behaves.</param>
    public VmBusConnection(ProcessorPlatform platform, Hypercalls hypercalls, VirtualProcessors processors, IVmBusObserver observer, VmBusOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(hypercalls);
        ArgumentNullException.ThrowIfNull(processors);
        ArgumentNullException.ThrowIfNull(observer);
        _loop = new ConnectionLoop(platform, hypercalls, processors, observer, options ?? new VmBusOptions());
        Source = new SynIcSource(Sint.VmBus, "vmbus", _loop.OnVector);
    }

    /// <summary>The interrupt source of messages and events: give it to the <see cref="SynIc"/>.</summary>
    public SynIcSource Source { get; }

    /// <summary>Where it stands.</summary>
    public VmBusState State => _loop.State;

    /// <summary>What was negotiated; default while there is no contact.</summary>
    public VmBusVersion Version => _loop.Version;

    /// <summary>What was granted, from 6.0 on.</summary>
    public FeatureFlags Features => _loop.Features;

    /// <summary>The host has said that these are all its offers.</summary>
    public bool AllOffersDelivered => _loop.AllOffersDelivered;

    /// <summary>What was counted.</summary>
    public VmBusCounters Counters => _loop.Tally.Read();

    /// <summary>The devices that are offered now, in the order of their offers.</summary>
    public IReadOnlyList<VmBusDevice> Devices => _loop.Devices;

    /// <summary>All channels as they are now, by their ids, for the console.</summary>
    public IReadOnlyList<ChannelSnapshot> Snapshot() => _loop.Snapshot();

    /// <summary>
    /// Negotiates a version, asks for offers, and returns when all were delivered or their time is over, with the observer told of each.
    /// Every wait is bounded.
    /// </summary>
    /// <param name="synic">Started, with <see cref="Source"/> among its sources.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VmBusException">There is no VMBus host, it speaks no version in the range, refused, or did not answer.</exception>
    public ValueTask ConnectAsync(SynIc synic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(synic);
        return ContactAsync(new ContactOperation(new Promise(_loop.Executor), synic, IsResume: false), cancellationToken);
    }

    /// <summary>
    /// Closes every channel, fails what is in flight, and disconnects; all channels are dead afterwards, and their tokens cancelled; the
    /// observer is not told. Everything that the host had is the guest's again when it answered. Does nothing when there is no connection.
    /// </summary>
    /// <param name="cancellationToken">Stops waiting; the connection ends all the same.</param>
    /// <returns>Whether the host answered within <see cref="VmBusOptions.UnloadTimeout"/>.</returns>
    /// <exception cref="VmBusException">Cancelled.</exception>
    public ValueTask<bool> UnloadAsync(CancellationToken cancellationToken = default) => DisconnectAsync(isSuspend: false, cancellationToken);

    /// <summary>
    /// Tells the host from a dying kernel that the guest is gone, and looks for its answer. Takes no lock and allocates nothing; nothing else
    /// of the connection may run any more.
    /// </summary>
    /// <param name="polls">How often all message slots are looked at.</param>
    /// <returns>Whether the host answered, or knew nothing of the guest.</returns>
    public bool UnloadAtPanic(int polls) => _loop.UnloadAtPanic(polls);

    /// <summary>
    /// Disconnects for a while: channels that are open are closed, devices stay. Drivers should have closed theirs before.
    /// </summary>
    /// <param name="cancellationToken">Stops waiting; the connection is suspended all the same.</param>
    /// <exception cref="VmBusException">Cancelled.</exception>
    public async ValueTask SuspendAsync(CancellationToken cancellationToken = default) =>
        await DisconnectAsync(isSuspend: true, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Connects again. Devices that are offered again, by class, instance and subchannel index, keep their objects under new ids;
    /// those that are not are rescinded. Drivers open their channels anew.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VmBusException">As of <see cref="ConnectAsync"/>; the connection stays suspended.</exception>
    public ValueTask ResumeAsync(CancellationToken cancellationToken = default) =>
        ContactAsync(new ContactOperation(new Promise(_loop.Executor), null, IsResume: true), cancellationToken);

    private async ValueTask ContactAsync(ContactOperation operation, CancellationToken cancellationToken)
    {
        _loop.Pump.Post(() => _loop.Connect(operation));
        using var registration = _loop.OnCancelled(() => _loop.CancelContact(operation), cancellationToken);
        await operation.Promise.Task.ConfigureAwait(false);
    }

    private async ValueTask<bool> DisconnectAsync(bool isSuspend, CancellationToken cancellationToken)
    {
        var operation = new DisconnectOperation(new Promise(_loop.Executor), isSuspend);
        _loop.Pump.Post(() => _loop.Disconnect(operation));
        using var registration = _loop.OnCancelled(operation.Cancel, cancellationToken);
        await operation.Task.ConfigureAwait(false);
        return operation.IsAnswered;
    }
}
