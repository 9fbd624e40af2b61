using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Offers;

/// <summary>What an offer says of the channel itself, checked.</summary>
/// <param name="RelId">Channel id.</param>
/// <param name="IsMonitored">It may be signalled through the monitor page.</param>
/// <param name="Monitor">Its bit there.</param>
/// <param name="IsDedicated">It has an interrupt of its own: the host does not look at the interrupt page.</param>
/// <param name="Connection">What is signalled.</param>
internal sealed record ChannelOffer(RelId RelId, bool IsMonitored, MonitorId Monitor, bool IsDedicated, ConnectionId Connection)
{
    /// <summary>Reads an offer under rules V3, V5 and V7.</summary>
    /// <returns>Null, or why the offer is not taken.</returns>
    public static string? TryRead(in OfferChannel offer, VmBusVersion version, out ChannelOffer? result)
    {
        result = null;
        if (!offer.RelId.IsValid)
            return $"channel id {offer.RelId} is impossible";
        // Before 1.1 the last two fields did not exist.
        var hasSignal = version >= VmBusVersion.V1_1;
        var connection = hasSignal ? offer.Connection : ConnectionId.Event;
        if (!connection.IsValid)
            return $"connection id {connection} is impossible";
        var isMonitored = (offer.MonitorAllocated & 1) != 0 && offer.MonitorId.IsValid;
        result = new ChannelOffer(
            offer.RelId,
            isMonitored,
            isMonitored ? offer.MonitorId : MonitorId.None,
            hasSignal && (offer.DedicatedInterrupt & 1) != 0,
            connection);
        return null;
    }
}
