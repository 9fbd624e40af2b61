using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <content>Offers, rescinds, releases.</content>
public sealed partial class VmBusHost
{
    private static readonly TimeSpan LongestLatency = TimeSpan.FromTicks(ushort.MaxValue);

    /// <summary>Offers a device: at once to a guest that has asked for offers, else when it does.</summary>
    /// <exception cref="InvalidOperationException">A channel with this class, instance and index is there already.</exception>
    public HostChannel Offer(IChannelProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return Add(provider.Offer, provider, primary: null);
    }

    /// <summary>Takes a channel back, and its subchannels with it, whatever the guest is doing.</summary>
    public void Rescind(HostChannel channel) => Post(() => RescindNow(channel));

    /// <summary>Offers a channel again that was taken back, as soon as the guest has released it.</summary>
    public void OfferAgain(HostChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Post(() =>
        {
            if (channel.State == HostChannelState.Rescinded)
                channel.IsWantedAgain = true;
            else if (channel.State == HostChannelState.Gone)
                Return(channel);
        });
    }

    internal void OfferSubchannels(HostChannel primary, int count)
    {
        if (primary.State != HostChannelState.Open)
            return;
        for (ushort index = 1; index <= count; index++)
        {
            if (!Channels.Any(channel => channel.Primary == primary && channel.Offer.SubchannelIndex == index))
                Add(primary.Offer with { SubchannelIndex = index }, primary.Provider, primary);
        }
    }

    internal void RequestOffers()
    {
        var connection = _connection!;
        if (connection.AreOffersRequested)
        {
            GuestError(0, "a second REQUESTOFFERS");
            return;
        }

        connection.AreOffersRequested = true;
        foreach (var channel in Channels)
            Announce(channel);
        Send(new MessageHeader { Type = MessageType.AllOffersDelivered });
    }

    internal void RelIdReleased(byte[] message)
    {
        var relId = MemoryMarshal.Read<RelIdMessage>(message).RelId;
        if (Options.IgnoresRelIdReleased)
            return;
        if (!_connection!.Channels.TryGetValue(relId.Value, out var channel) || channel.State != HostChannelState.Rescinded)
        {
            GuestError(relId.Value, "RELID_RELEASED of a channel that was not rescinded");
            return;
        }

        Release(channel);
    }

    private HostChannel Add(ChannelOffer offer, IChannelProvider provider, HostChannel? primary)
    {
        var channel = new HostChannel(offer, provider, primary);
        lock (_channels)
        {
            if (_channels.Exists(other => other.Offer.ClassId == offer.ClassId && other.Offer.InstanceId == offer.InstanceId
                && other.Offer.SubchannelIndex == offer.SubchannelIndex))
                throw new InvalidOperationException($"{offer.ClassId} {offer.InstanceId} index {offer.SubchannelIndex} is offered already.");
            _channels.Add(channel);
        }

        Post(() => Announce(channel));
        return channel;
    }

    /// <summary>Tells the guest of a channel, unless it knows or does not ask.</summary>
    private void Announce(HostChannel channel)
    {
        if (_connection is not { AreOffersRequested: true } connection || channel.State != HostChannelState.Waiting)
            return;
        var isOld = connection.Version < VmBusVersion.V2_4;
        var highest = isOld ? Drivers.VmBus.Protocol.Rings.InterruptPage.OldRelIds - 1 : (int)RelId.Highest;
        var free = Enumerable.Range(1, highest).FirstOrDefault(id => !connection.Channels.ContainsKey((uint)id) && !IsReservedRelId((uint)id));
        if (free == 0)
        {
            Trace.Add(TraceKind.Note, 0, $"no relid is free for {channel}");
            return;
        }

        channel.RelId = new RelId((uint)free);
        channel.State = HostChannelState.Offered;
        channel.IsDedicated = connection.Version >= VmBusVersion.V1_1 && (Options.HasDedicatedInterrupts ?? !isOld);
        channel.Connection = connection.Version < VmBusVersion.V1_1 ? ConnectionId.Event
            : Options.ConnectionOf?.Invoke(channel.RelId) ?? new ConnectionId(channel.RelId.Value | ((uint)Sint.VmBus.Value << 12));
        channel.MonitorId = channel.Offer.MonitorLatency is null ? MonitorId.None : FreeMonitor(connection);
        connection.Channels.Add(channel.RelId.Value, channel);
        OpenEventPort(channel);
        Send(OfferOf(channel, connection));
    }

    private static MonitorId FreeMonitor(HostConnection connection)
    {
        for (byte id = 0; id <= 127; id++)
        {
            if (!connection.Channels.Values.Any(channel => channel.MonitorId.Value == id))
                return new MonitorId(id);
        }

        return MonitorId.None;
    }

    private static OfferChannel OfferOf(HostChannel channel, HostConnection connection)
    {
        var offer = channel.Offer;
        var message = new OfferChannel
        {
            Header = new MessageHeader { Type = MessageType.OfferChannel },
            InterfaceType = offer.ClassId,
            Instance = offer.InstanceId,
            Reserved0 = channel.MonitorId.IsValid ? LatencyOf(offer) : 0UL,
            Flags = offer.Flags,
            MmioMegabytes = offer.MmioMegabytes,
            SubchannelIndex = offer.SubchannelIndex,
            RelId = channel.RelId,
            MonitorId = channel.MonitorId,
            MonitorAllocated = channel.MonitorId.IsValid ? (byte)1 : (byte)0,
        };
        offer.UserDefined.Span.CopyTo(message.UserDefined);
        if (connection.Version >= VmBusVersion.V1_1)
        {
            message.DedicatedInterrupt = channel.IsDedicated ? (ushort)1 : (ushort)0;
            message.Connection = channel.Connection;
        }

        return message;
    }

    /// <summary>In units of 100 ns, as much as the monitor page holds.</summary>
    private static ushort LatencyOf(ChannelOffer offer) => (ushort)Math.Clamp((offer.MonitorLatency ?? default).Ticks, 1, LongestLatency.Ticks);

    private void RescindNow(HostChannel channel)
    {
        if (channel.State is HostChannelState.Rescinded or HostChannelState.Gone)
            return;
        foreach (var sub in Channels.Where(other => other.Primary == channel))
            RescindNow(sub);
        lock (_channels)
            _channels.Remove(channel);
        if (channel.State == HostChannelState.Waiting)
        {
            channel.State = HostChannelState.Gone;
            return;
        }

        CloseSession(channel, CloseReason.Rescinded);
        ReleaseGpadls(channel);
        channel.State = HostChannelState.Rescinded;
        CloseEventPort(channel);
        if (channel.IsReserved)
        {
            channel.IsReserved = false;
            channel.State = HostChannelState.Gone;
        }

        if (_connection is null)
            return;
        Send(new RelIdMessage { Header = new MessageHeader { Type = MessageType.RescindChannelOffer }, RelId = channel.RelId });
        if (Options.IgnoresRelIdReleased && channel.State == HostChannelState.Rescinded)
            Release(channel);
    }

    /// <summary>The relid is free again.</summary>
    private void Release(HostChannel channel)
    {
        _connection?.Channels.Remove(channel.RelId.Value);
        channel.ReleasedGpadls.Clear();
        channel.RelId = default;
        channel.MonitorId = MonitorId.None;
        channel.State = HostChannelState.Gone;
        if (channel.IsWantedAgain)
            Return(channel);
    }

    /// <summary>A channel that was gone is there again.</summary>
    private void Return(HostChannel channel)
    {
        channel.IsWantedAgain = false;
        channel.State = HostChannelState.Waiting;
        lock (_channels)
            _channels.Add(channel);
        Announce(channel);
    }
}
