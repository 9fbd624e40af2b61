using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Offers, rescinds, and the release of channel ids.</summary>
internal sealed partial class ConnectionLoop
{
    private readonly VmBusChannel?[] _channels = new VmBusChannel?[RelId.Highest + 1];
    private readonly Dictionary<ChannelIdentity, VmBusChannel> _byIdentity = [];

    /// <summary>Offers that were not taken, and whose ids the host still waits to get back once it has rescinded them.</summary>
    private readonly bool[] _isDeclined = new bool[RelId.Highest + 1];

    private readonly List<VmBusDevice> _deviceList = [];
    private volatile VmBusDevice[] _devices = [];
    private uint _highestRelId;
    private int _channelCount;

    public IReadOnlyList<VmBusDevice> Devices => _devices;

    /// <summary>All channels. Any thread.</summary>
    public List<ChannelSnapshot> Snapshot()
    {
        var list = new List<ChannelSnapshot>();
        for (var relId = 1u; relId <= Volatile.Read(ref _highestRelId); relId++)
        {
            if (Find(new RelId(relId)) is { } channel)
                list.Add(channel.Snapshot());
        }

        return list;
    }

    public void OnOffer(ReadOnlySpan<byte> message)
    {
        var offer = MemoryMarshal.Read<OfferChannel>(message);
        if (!IsConnected)
        {
            Reject("the connection is not up", default);
            return;
        }

        if (ChannelOffer.TryRead(offer, _asked, out var channelOffer) is { } bad)
        {
            Reject(bad, default);
            return;
        }

        if (Find(offer.RelId) is { } user)
        {
            Reject($"its id is that of {user}", default);
            return;
        }

        _isDeclined[offer.RelId.Value] = false;
        var identity = new ChannelIdentity(offer.InterfaceType, offer.Instance, offer.SubchannelIndex);
        _byIdentity.TryGetValue(identity, out var known);
        if (known is { IsRescinded: false, IsOffered: true })
            Reject($"it is offered already as {known}", offer.RelId);
        else if (_channelCount >= _options.MostChannels)
            Reject($"there are {_channelCount} channels already", offer.RelId);
        else if (known is { IsRescinded: false })
            OfferAgain(known, offer, channelOffer!);
        else if (offer.SubchannelIndex == 0)
            OfferPrimary(identity, offer, channelOffer!);
        else
            OfferSubchannel(identity, channelOffer!);
    }

    public void OnRescind(ReadOnlySpan<byte> message)
    {
        var relId = MemoryMarshal.Read<RelIdMessage>(message).RelId;
        if (Find(relId) is { } channel)
        {
            Rescind(channel);
        }
        else if (relId.IsValid && _isDeclined[relId.Value])
        {
            _isDeclined[relId.Value] = false;
            Release(relId);
        }
        else
        {
            OnUnknownId($"RESCIND of channel {relId}, which does not exist");
        }
    }

    private VmBusChannel? Find(RelId relId) => relId.IsValid ? Volatile.Read(ref _channels[relId.Value]) : null;

    private void Reject(string why, RelId declined)
    {
        Tally.RejectedOffers++;
        if (declined.IsValid)
            _isDeclined[declined.Value] = true;
        _log.Warning($"an offer is not taken: {why}");
    }

    private void OfferPrimary(ChannelIdentity identity, in OfferChannel offer, ChannelOffer channelOffer)
    {
        var device = new VmBusDevice(offer);
        device.Channel = new VmBusChannel(this, device, null, identity, channelOffer, new CancellationTokenSource());
        Bind(device.Channel, channelOffer);
        _byIdentity[identity] = device.Channel;
        _deviceList.Add(device);
        PublishDevices();
        _notifier.Post(() => _observer.OnOffered(device));
    }

    private void OfferSubchannel(ChannelIdentity identity, ChannelOffer channelOffer)
    {
        if (!_byIdentity.TryGetValue(identity with { SubchannelIndex = 0 }, out var primary) || primary.IsRescinded || !primary.IsOffered)
        {
            Reject($"subchannel {identity.SubchannelIndex} has no primary channel", channelOffer.RelId);
            return;
        }

        var live = 0;
        foreach (var subchannel in primary.SubchannelArray)
            live += subchannel.IsRescinded ? 0 : 1;
        if (live >= primary.MostSubchannels)
        {
            Reject($"{primary} has asked for {primary.MostSubchannels} subchannels", channelOffer.RelId);
            return;
        }

        var channel = new VmBusChannel(this, primary.Device, primary, identity, channelOffer, new CancellationTokenSource());
        Bind(channel, channelOffer);
        _byIdentity[identity] = channel;
        primary.SubchannelArray = [.. primary.SubchannelArray, channel];
        _notifier.Post(() => primary.SubchannelOffered?.Invoke(channel));
    }

    /// <summary>After a suspension: the object gets its new id.</summary>
    private void OfferAgain(VmBusChannel channel, in OfferChannel offer, ChannelOffer channelOffer)
    {
        channel.Offer = channelOffer;
        channel.IsOffered = true;
        if (channel.State is ChannelState.Suspended)
            channel.State = new ChannelState.Closed();
        Bind(channel, channelOffer);
        if (channel.IsPrimary)
            channel.Device.Update(offer);
        else
            _notifier.Post(() => channel.Primary.SubchannelOffered?.Invoke(channel));
    }

    private void Bind(VmBusChannel channel, ChannelOffer offer)
    {
        Tally.Offers++;
        _channelCount++;
        Volatile.Write(ref _channels[offer.RelId.Value], channel);
        if (offer.RelId.Value > _highestRelId)
            Volatile.Write(ref _highestRelId, offer.RelId.Value);
    }

    /// <summary>Everything that was suspended and did not come back.</summary>
    private void RescindMissing()
    {
        foreach (var device in _devices)
        {
            if (!device.Channel.IsOffered && !device.Channel.IsRescinded)
                Rescind(device.Channel);
        }
    }

    private void Rescind(VmBusChannel channel)
    {
        // Hosts may repeat themselves (rule V8).
        if (channel.IsRescinded)
            return;
        foreach (var subchannel in channel.SubchannelArray)
            Rescind(subchannel);
        Tally.Rescinds++;
        MarkRescinded(channel);
        RescindChannel(channel);
        // A host that takes a channel back has let go of all its memory.
        FreeAllGpadls(channel);
        if (channel.IsPrimary)
        {
            _deviceList.Remove(channel.Device);
            PublishDevices();
            _notifier.Post(() => _ = ObserveRescindAsync(channel));
        }

        TryRelease(channel);
    }

    private void MarkRescinded(VmBusChannel channel)
    {
        channel.IsRescinded = true;
        Executor.Post(new RescindNotice(channel, _platform.Log));
        FailMoves(channel, VmBusErrorKind.Rescinded);
    }

    private async Task ObserveRescindAsync(VmBusChannel channel)
    {
        try
        {
            await _observer.OnRescindedAsync(channel.Device).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _log.Warning($"whoever observes {channel} threw at its rescind: {e.Message}");
        }

        Pump.Post(() =>
        {
            foreach (var subchannel in channel.SubchannelArray)
            {
                subchannel.IsUnused = true;
                TryRelease(subchannel);
            }

            channel.IsUnused = true;
            TryRelease(channel);
        });
    }

    /// <summary>Gives the id back once nobody uses the channel any more: after that the host may offer it anew.</summary>
    private void TryRelease(VmBusChannel channel)
    {
        if (channel.State is not ChannelState.Rescinded || !channel.IsUnused || channel.SubchannelArray.Length > 0)
            return;
        channel.State = new ChannelState.Released();
        Unbind(channel, tellsHost: true);
        if (_byIdentity.TryGetValue(channel.Identity, out var known) && ReferenceEquals(known, channel))
            _byIdentity.Remove(channel.Identity);
        if (channel.IsPrimary)
            return;
        channel.Primary.SubchannelArray = Array.FindAll(channel.Primary.SubchannelArray, other => !ReferenceEquals(other, channel));
        TryRelease(channel.Primary);
    }

    private void Unbind(VmBusChannel channel, bool tellsHost)
    {
        if (!channel.IsOffered)
            return;
        channel.IsOffered = false;
        _channelCount--;
        Volatile.Write(ref _channels[channel.RelId.Value], null);
        if (tellsHost)
            Release(channel.RelId);
    }

    private void Release(RelId relId)
    {
        Tally.Releases++;
        Post(MessageType.RelIdReleased, relId);
    }

    private void PublishDevices() => _devices = [.. _deviceList];
}
