using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>One channel that a host offers.</summary>
public sealed class HostChannel
{
    private volatile ChannelSession? _session;

    internal HostChannel(ChannelOffer offer, IChannelProvider provider, HostChannel? primary)
    {
        Offer = offer;
        Provider = provider;
        Primary = primary;
    }

    /// <summary>What is offered.</summary>
    public ChannelOffer Offer { get; }

    /// <summary>Who serves it.</summary>
    public IChannelProvider Provider { get; }

    /// <summary>The primary channel; null when this is one.</summary>
    public HostChannel? Primary { get; }

    /// <summary>State.</summary>
    public HostChannelState State { get; internal set; }

    /// <summary>Id of the present offer; 0 when the guest knows none.</summary>
    public RelId RelId { get; internal set; }

    /// <summary>Where the guest signals.</summary>
    public ConnectionId Connection { get; internal set; }

    /// <summary>Its bit of the monitor pages.</summary>
    public MonitorId MonitorId { get; internal set; } = MonitorId.None;

    /// <summary>The guest signals it by its own connection rather than through the interrupt page.</summary>
    public bool IsDedicated { get; internal set; }

    /// <summary>While it is open.</summary>
    public ChannelSession? Session
    {
        get => _session;
        internal set => _session = value;
    }

    /// <summary>A MODIFYCHANNEL waits for its answer.</summary>
    internal bool IsMoving { get; set; }

    /// <summary>It is to be offered again once the guest has released it.</summary>
    internal bool IsWantedAgain { get; set; }

    /// <summary>Handles that were released by the rescind, whose teardown may still come.</summary>
    internal HashSet<uint> ReleasedGpadls { get; } = [];

    /// <summary>Opened as a reserved channel, which outlives the connection.</summary>
    internal bool IsReserved { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"channel {RelId} ({ClassIds.NameOf(Offer.ClassId) ?? Offer.ClassId.ToString()}, index {Offer.SubchannelIndex}, {State})";
}
