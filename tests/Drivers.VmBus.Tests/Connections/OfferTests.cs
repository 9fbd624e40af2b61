using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>Offers, rescinds and the release of ids: rules V3, V5 to V9.</summary>
public sealed class OfferTests
{
    [Fact]
    public void An_offer_becomes_a_device_with_all_that_the_offer_says()
    {
        using var bus = new BusFixture();
        var offer = ScriptedHost.Offer(7, ClassIds.Ide);
        offer.Flags = OfferFlags.EnumerateDeviceInterface;
        offer.MmioMegabytes = 64;
        offer.UserDefined[4] = 9;
        bus.Host.Offers.Add(offer);
        bus.Connect();
        var device = bus[7];
        Assert.Equal(("vmbus", ClassIds.Ide, offer.Instance, "IDE accelerator"), (device.Bus, device.ClassId, device.InstanceId, device.ClassName));
        Assert.Equal((OfferFlags.EnumerateDeviceInterface, 64, 120, (byte)9), (device.Flags, device.MmioMegabytes, device.UserDefined.Length, device.UserDefined[4]));
        Assert.Equal("00000001-0000-0000-0102-030405060708", device.Location);
        Assert.Contains("IDE accelerator", device.Description, StringComparison.Ordinal);
        Assert.Equal(1, new VmBusClassMatch(ClassIds.Ide).Score(device));
        Assert.Equal(0, new VmBusClassMatch(ClassIds.Scsi).Score(device));
        var snapshot = Assert.Single(bus.Bus.Snapshot());
        Assert.Equal((7u, ChannelStatus.Closed, true, false, 0x2007u), (snapshot.RelId.Value, snapshot.Status, snapshot.IsDedicated, snapshot.IsMonitored, snapshot.Connection.Value));
    }

    [Fact]
    public void A_socket_of_the_class_of_a_device_is_no_such_device()
    {
        using var bus = new BusFixture();
        var offer = ScriptedHost.Offer(7, ClassIds.Scsi);
        offer.Flags = OfferFlags.TransportLayer;
        bus.Host.Offers.Add(offer);
        bus.Connect();
        Assert.Equal(0, new VmBusClassMatch(ClassIds.Scsi).Score(bus[7]));
        Assert.Equal("hv_sock", bus[7].ClassName);
    }

    [Fact]
    public void Before_1_1_the_signal_fields_do_not_count()
    {
        using var bus = new BusFixture(VmBusVersion.V0_13);
        bus.Host.Offers.Add(ScriptedHost.Offer(7));
        bus.Connect();
        var snapshot = Assert.Single(bus.Bus.Snapshot());
        Assert.Equal((false, 2u), (snapshot.IsDedicated, snapshot.Connection.Value));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(2048u)]
    [InlineData(0xFFFF_FFFFu)]
    public void V3_an_impossible_id_is_not_taken(uint relId)
    {
        using var bus = new BusFixture();
        bus.Connect();
        bus.Host.Send(ScriptedHost.Offer(relId));
        bus.Host.Send(new RelIdMessage { Header = new MessageHeader { Type = MessageType.RescindChannelOffer }, RelId = new RelId(relId) });
        bus.Settle();
        Assert.Equal((1L, 1L), (bus.Bus.Counters.RejectedOffers, bus.Bus.Counters.UnknownIds));
        Assert.Empty(bus.Bus.Devices);
    }

    [Fact]
    public void V3_an_id_in_use_and_a_device_that_is_there_already_are_not_taken()
    {
        using var bus = new BusFixture();
        bus.Host.Offers.Add(ScriptedHost.Offer(7, instance: 1));
        bus.Connect();
        bus.Host.Send(ScriptedHost.Offer(7, instance: 2));
        bus.Host.Send(ScriptedHost.Offer(8, instance: 1));
        bus.Settle();
        Assert.Equal((2L, 1), (bus.Bus.Counters.RejectedOffers, bus.Bus.Devices.Count));
        // The second one has an id that the host gets back.
        bus.Host.Rescind(8);
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.Releases);
        Assert.Equal(["offered 7"], bus.Told);
    }

    [Fact]
    public void V5_V7_fields_out_of_bounds()
    {
        using var bus = new BusFixture();
        var monitored = ScriptedHost.Offer(1, instance: 1);
        monitored.MonitorAllocated = 1;
        monitored.MonitorId = new MonitorId(128);
        var connection = ScriptedHost.Offer(2, instance: 2);
        connection.Connection = new ConnectionId(0x0100_0000);
        var fine = ScriptedHost.Offer(3, instance: 3);
        fine.MonitorAllocated = 0xFF;
        fine.MonitorId = new MonitorId(127);
        bus.Host.Offers.AddRange([monitored, connection, fine]);
        bus.Connect();
        Assert.Equal([(1u, false), (3u, true)], bus.Bus.Snapshot().Select(one => (one.RelId.Value, one.IsMonitored)));
    }

    [Fact]
    public void V6_subchannels_come_when_they_were_asked_for_and_only_with_their_primary()
    {
        using var bus = new BusFixture();
        bus.Host.Offers.Add(ScriptedHost.Offer(1, ClassIds.Scsi));
        bus.Connect();
        var primary = bus[1].Channel;
        var offered = new List<uint>();
        primary.SubchannelOffered = channel => offered.Add(channel.RelId.Value);
        bus.Host.SendOffer(ScriptedHost.Offer(2, ClassIds.Scsi, subchannel: 1));
        bus.Settle();
        Assert.Empty(offered);
        primary.MostSubchannels = 2;
        bus.Host.SendOffer(ScriptedHost.Offer(3, ClassIds.Scsi, subchannel: 1));
        bus.Host.SendOffer(ScriptedHost.Offer(4, ClassIds.Scsi, subchannel: 1));
        bus.Host.SendOffer(ScriptedHost.Offer(5, ClassIds.Scsi, instance: 9, subchannel: 1));
        bus.Host.SendOffer(ScriptedHost.Offer(6, ClassIds.Scsi, subchannel: 2));
        bus.Host.SendOffer(ScriptedHost.Offer(7, ClassIds.Scsi, subchannel: 3));
        bus.Settle();
        Assert.Equal([3u, 6u], offered);
        Assert.Equal([3u, 6u], primary.Subchannels.Select(channel => channel.RelId.Value));
        Assert.All(primary.Subchannels, channel => Assert.Same(primary, channel.Primary));
        Assert.Equal((4L, 1), (bus.Bus.Counters.RejectedOffers, bus.Bus.Devices.Count));
        // A primary that goes takes its subchannels with it.
        bus.Host.Rescind(1);
        bus.Settle();
        Assert.Equal([3u, 6u, 1u], Released(bus));
        Assert.Empty(primary.Subchannels);
        Assert.Equal((0, 3L), (bus.Bus.Snapshot().Count, bus.Bus.Counters.Rescinds));
    }

    [Fact]
    public void V8_no_more_channels_than_are_allowed()
    {
        using var bus = new BusFixture(options: new VmBusOptions { MostChannels = 3 });
        for (var i = 1u; i <= 6; i++)
            bus.Host.Offers.Add(ScriptedHost.Offer(i, instance: i));
        bus.Connect();
        Assert.Equal((3, 3L), (bus.Bus.Devices.Count, bus.Bus.Counters.RejectedOffers));
        bus.Host.Rescind(2);
        bus.Settle();
        bus.Host.Send(ScriptedHost.Offer(6, instance: 6));
        bus.Settle();
        Assert.Equal([1u, 3u, 6u], bus.Bus.Devices.Select(device => device.Channel.RelId.Value));
    }

    [Fact]
    public void A_rescind_is_told_in_order_and_the_id_is_released_when_the_users_have_let_go()
    {
        using var bus = new BusFixture();
        var users = new TaskCompletionSource();
        bus.LetGo = _ => users.Task;
        bus.Host.Offers.Add(ScriptedHost.Offer(5));
        bus.Connect();
        var device = bus[5];
        var cancelled = 0;
        device.Channel.Rescinded.Register(() => cancelled++);
        bus.Host.Rescind(5);
        bus.Host.Rescind(5);
        bus.Host.SendOffer(ScriptedHost.Offer(6, instance: 2));
        bus.Settle();
        Assert.Equal(["offered 5", "rescinded 5", "offered 6"], bus.Told);
        Assert.Equal((1, true, ChannelStatus.Rescinded, 1L), (cancelled, device.IsRescinded, device.Channel.Status, bus.Bus.Counters.Rescinds));
        Assert.Empty(Released(bus));
        // The id is taken until it is released.
        bus.Host.Send(ScriptedHost.Offer(5, instance: 3));
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.RejectedOffers);
        users.SetResult();
        bus.Settle();
        Assert.Equal([5u], Released(bus));
        Assert.Equal(ChannelStatus.Released, device.Channel.Status);
        // And then it can name anything.
        bus.LetGo = null;
        bus.Host.SendOffer(ScriptedHost.Offer(5));
        bus.Settle();
        Assert.NotSame(device, bus[5]);
        Assert.Equal("offered 5", bus.Told[^1]);
    }

    [Fact]
    public void A_device_that_comes_back_before_its_old_users_have_let_go_is_a_new_one()
    {
        using var bus = new BusFixture();
        var users = new TaskCompletionSource();
        bus.LetGo = _ => users.Task;
        bus.Host.Offers.Add(ScriptedHost.Offer(5));
        bus.Connect();
        var old = bus[5];
        bus.Host.Rescind(5);
        bus.Host.SendOffer(ScriptedHost.Offer(9));
        bus.Settle();
        Assert.Equal(["offered 5", "rescinded 5", "offered 9"], bus.Told);
        Assert.NotSame(old, bus[9]);
        users.SetResult();
        bus.Settle();
        Assert.Equal([5u], Released(bus));
        Assert.Equal(ChannelStatus.Closed, bus[9].Channel.Status);
        bus.Host.Send(ScriptedHost.Offer(10));
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.RejectedOffers);
    }

    [Fact]
    public void An_observer_that_throws_or_hangs_stops_nobody_else()
    {
        using var bus = new BusFixture();
        bus.LetGo = device => device.Channel.RelId.Value == 1
            ? throw new InvalidOperationException("no")
            : device.Channel.RelId.Value == 2 ? new TaskCompletionSource().Task : Task.CompletedTask;
        for (var i = 1u; i <= 3; i++)
            bus.Host.Offers.Add(ScriptedHost.Offer(i, instance: i));
        bus.Connect();
        bus[1].Channel.Rescinded.Register(() => throw new InvalidOperationException("never mind"));
        for (var i = 1u; i <= 3; i++)
            bus.Host.Rescind(i);
        bus.Settle();
        Assert.Equal([1u, 3u], Released(bus));
    }

    private static IEnumerable<uint> Released(BusFixture bus) => bus.Host.Received
        .Where(message => message.Message[0] == (byte)MessageType.RelIdReleased)
        .Select(message => BitConverter.ToUInt32(message.Message, 8));
}
