using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Offers;

/// <summary>One channel at one moment.</summary>
/// <param name="RelId">Channel id.</param>
/// <param name="Identity">What it is.</param>
/// <param name="ClassName">Name of the class for people; null when it is not known.</param>
/// <param name="Flags">Flags of the offer.</param>
/// <param name="Status">Open or not.</param>
/// <param name="Processor">Where its interrupts go.</param>
/// <param name="IsMonitored">It may be signalled through the monitor page.</param>
/// <param name="IsDedicated">It has an interrupt of its own.</param>
/// <param name="Connection">What is signalled.</param>
/// <param name="SendRing">How full the ring to the host is.</param>
/// <param name="ReceiveRing">How full the ring from the host is.</param>
/// <param name="Counters">What it counted.</param>
public sealed record ChannelSnapshot(
    RelId RelId,
    ChannelIdentity Identity,
    string? ClassName,
    OfferFlags Flags,
    ChannelStatus Status,
    int Processor,
    bool IsMonitored,
    bool IsDedicated,
    ConnectionId Connection,
    RingFill SendRing,
    RingFill ReceiveRing,
    ChannelCounters Counters);
