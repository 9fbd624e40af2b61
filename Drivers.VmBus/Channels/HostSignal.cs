using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>How one opening of a channel tells the host that something is in the ring: the three ways of an offer.</summary>
internal sealed class HostSignal
{
    private readonly ChannelOffer _offer;
    private readonly bool _usesMonitor;
    private readonly BusPages _pages;
    private readonly Hypercalls _hypercalls;
    private readonly ConnectionTally _connection;
    private readonly ChannelTally _channel;

    public HostSignal(
        ChannelOffer offer, bool toleratesLatency, BusPages pages, Hypercalls hypercalls, ConnectionTally connection, ChannelTally channel)
    {
        _offer = offer;
        _usesMonitor = offer.IsMonitored && toleratesLatency;
        _pages = pages;
        _hypercalls = hypercalls;
        _connection = connection;
        _channel = channel;
    }

    /// <summary>What is done in shared pages; under the port's lock, while the pages are there.</summary>
    /// <returns>True when <see cref="Send"/> must follow.</returns>
    public bool Mark()
    {
        if (_usesMonitor || !_offer.IsDedicated)
            _pages.SetGuestToHost(_offer.RelId);
        if (!_usesMonitor)
            return true;
        _pages.Trigger(_offer.Monitor);
        _channel.MonitorSignals++;
        return false;
    }

    /// <summary>The hypercall.</summary>
    public void Send()
    {
        _channel.AddSignal();
        if (_hypercalls.SignalEvent(_offer.Connection) != CallStatus.Success)
            _connection.AddFailedSignal();
    }
}
