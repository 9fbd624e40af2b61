using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

public sealed class OfferTests : BusTest
{
    /// <summary>Protocol 11.2.</summary>
    [Fact]
    public void The_worked_example_of_an_offer()
    {
        Start();
        var ide = new RecordingProvider
        {
            Offer = new ChannelOffer
            {
                ClassId = new("32412632-86cb-44a2-9b5c-50d1417354f5"),
                InstanceId = new("00000000-0001-8899-0000-000000000000"),
                Flags = OfferFlags.EnumerateDeviceInterface,
                UserDefined = new byte[] { 0, 0, 0, 1, 0, 0, 0, 0, 2 },
            },
        };
        for (var i = 0; i < 6; i++)
            Host.Offer(new RecordingProvider { Offer = new ChannelOffer { ClassId = RecordingProvider.Class, InstanceId = Guid.NewGuid() } });
        Host.Offer(ide);
        var expected = Hex.Parse(
            """
            01 00 00 00 00 00 00 00 32 26 41 32 cb 86 a2 44
            9b 5c 50 d1 41 73 54 f5 00 00 00 00 01 00 99 88
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 01
            00 00 00 00 02
            """,
            196);
        Hex.Parse("07 00 00 00 ff 00 01 00 07 20 00 00").CopyTo(expected, 184);
        Assert.Equal(expected, ConnectAndList(0x50003)[6]);
    }

    [Fact]
    public void Nothing_is_offered_before_the_guest_asks_and_a_second_request_is_an_error()
    {
        Start();
        Host.Offer(new RecordingProvider());
        Connect(0x50003);
        Assert.Empty(Guest.Messages);
        Post(HandGuest.Words(3, 0));
        Assert.Equal([1u, 4u], [HandGuest.Word(Guest.Take(), 0), HandGuest.Word(Guest.Take(), 0)]);
        Post(HandGuest.Words(3, 0));
        Assert.Empty(Guest.Messages);
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void A_hot_offer_comes_at_once()
    {
        Start();
        Assert.Empty(ConnectAndList(0x50003));
        Host.Offer(new RecordingProvider());
        Settle();
        Assert.Equal(1, Guest.Take()[0]);
    }

    [Fact]
    public void The_same_identity_is_not_offered_twice()
    {
        Start();
        Host.Offer(new RecordingProvider());
        Assert.Throws<InvalidOperationException>(() => Host.Offer(new RecordingProvider()));
    }

    [Fact]
    public void A_rescinded_channel_keeps_its_relid_until_it_is_released_and_is_offered_again()
    {
        Start();
        var provider = new RecordingProvider();
        var channel = Host.Offer(provider);
        OpenChannel(ConnectAndList(0x50003)[0]);
        Host.Rescind(channel);
        Host.OfferAgain(channel);
        Settle();
        Assert.Equal(Hex.Parse("02 00 00 00 00 00 00 00 01 00 00 00"), Guest.Take());
        Assert.Equal(CloseReason.Rescinded, Assert.Single(provider.Closed).Reason);
        Assert.Equal(HostChannelState.Rescinded, channel.State);
        var other = new RecordingProvider { Offer = provider.Offer with { InstanceId = Guid.NewGuid() } };
        Host.Offer(other);
        Settle();
        Assert.Equal(2u, HandGuest.Word(Guest.Take(), 184));

        // Closing what is gone is harmless, and a teardown is answered.
        Post(HandGuest.Words(7, 0, 1));
        Post(HandGuest.Words(11, 0, 1, 0xE1E10));
        Assert.Equal(Hex.Parse("0c 00 00 00 00 00 00 00 10 1e 0e 00"), Guest.Take());
        Assert.Empty(Host.GuestErrors);
        Post(HandGuest.Words(13, 0, 1));
        var again = Guest.Take();
        Assert.Equal((1u, 1u), (HandGuest.Word(again, 0), HandGuest.Word(again, 184)));
        OpenChannel(again);
        Assert.Equal(2, provider.Opened.Count);
    }

    [Fact]
    public void Memory_of_a_rescinded_channel_is_the_guests_alone()
    {
        Start();
        var host = Host.Offer(new RecordingProvider());
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        Host.Rescind(host);
        Settle();
        channel.Buffer.Dispose();
        Assert.Empty(Memory.Violations);
        // Signalling it is an error of the hypercall.
        Assert.Equal(0x12, Guest.Signal(channel.Connection));
    }

    [Fact]
    public void A_teardown_after_rescind_may_stay_without_answer()
    {
        Start(new VmBusHostOptions { AnswersTeardownAfterRescind = false });
        var host = Host.Offer(new RecordingProvider());
        OpenChannel(ConnectAndList(0x50003)[0]);
        Host.Rescind(host);
        Settle();
        Guest.Take();
        Post(HandGuest.Words(11, 0, 1, 0xE1E10));
        Assert.Empty(Guest.Messages);
    }

    [Fact]
    public void Releasing_a_channel_that_was_not_rescinded_is_an_error()
    {
        Start();
        var channel = Host.Offer(new RecordingProvider());
        ConnectAndList(0x50003);
        Post(HandGuest.Words(13, 0, 1));
        Post(HandGuest.Words(13, 0, 9));
        Assert.Equal(2, Host.GuestErrors.Count);
        Assert.Equal(HostChannelState.Offered, channel.State);
    }

    [Fact]
    public void A_host_that_does_not_know_the_release_frees_the_relid_at_once()
    {
        Start(VmBusHostOptions.Qemu);
        var channel = Host.Offer(new RecordingProvider());
        var offer = ConnectAndList(0x40000)[0];
        Assert.Equal(17u, HandGuest.Word(offer, 192));
        Host.Rescind(channel);
        Host.OfferAgain(channel);
        Settle();
        Assert.Equal([2u, 1u], [HandGuest.Word(Guest.Take(), 0), HandGuest.Word(Guest.Take(), 0)]);
        Post(HandGuest.Words(13, 0, 1));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Old_guests_get_the_fields_of_their_time()
    {
        Start();
        Host.Offer(new RecordingProvider());
        var offer = ConnectAndList(0xD, at16: Guest.Allocate(1).PhysicalAddress.Value)[0];
        Assert.Equal((0, 0u), (offer[190], HandGuest.Word(offer, 192)));
        offer = ConnectAndList(0x10001, at16: Guest.Allocate(1).PhysicalAddress.Value)[0];
        Assert.Equal((0, 0x2001u), (offer[190], HandGuest.Word(offer, 192)));
        offer = ConnectAndList(0x20004, at16: Guest.Allocate(1).PhysicalAddress.Value)[0];
        Assert.Equal((1, 0x2001u), (offer[190], HandGuest.Word(offer, 192)));
    }

    [Fact]
    public void Many_offers_wait_until_the_guests_queue_has_room()
    {
        Start();
        for (var i = 0; i < 300; i++)
            Host.Offer(new RecordingProvider { Offer = new ChannelOffer { ClassId = RecordingProvider.Class, InstanceId = Guid.NewGuid() } });
        Connect(0x50003);
        Post(HandGuest.Words(3, 0));
        Clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(301, Guest.Messages.Count);
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (uint)i), Guest.Messages.Take(300).Select(message => HandGuest.Word(message.Payload, 184)));
    }

    [Fact]
    public void Old_connections_have_255_relids()
    {
        Start();
        for (var i = 0; i < 300; i++)
            Host.Offer(new RecordingProvider { Offer = new ChannelOffer { ClassId = RecordingProvider.Class, InstanceId = Guid.NewGuid() } });
        Connect(0x10001, at16: 0);
        Post(HandGuest.Words(3, 0));
        Clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(256, Guest.Messages.Count);
    }

    [Fact]
    public void Subchannels_come_when_the_device_wants_them_and_go_with_the_primary()
    {
        Start();
        var provider = new RecordingProvider();
        var primary = Host.Offer(provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        provider.Opened[0].OfferSubchannels(2);
        provider.Opened[0].OfferSubchannels(2);
        Settle();
        var subs = new[] { Guest.Take(), Guest.Take() };
        Assert.Empty(Guest.Messages);
        Assert.Equal([1, 2], subs.Select(sub => (int)sub[180]));
        Assert.All(subs, sub => Assert.Equal(provider.Offer.InstanceId, new Guid(sub.AsSpan(24, 16))));
        OpenChannel(subs[0]);
        Host.Rescind(primary);
        Settle();
        Assert.Equal([2u, 3u, channel.RelId], Enumerable.Range(0, 3).Select(_ => HandGuest.Word(Guest.Take(), 8)));
        Assert.Equal(2, provider.Closed.Count);
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Closing_the_primary_before_its_subchannels_is_an_error()
    {
        Start();
        var provider = new RecordingProvider();
        Host.Offer(provider);
        OpenChannel(ConnectAndList(0x50003)[0]);
        provider.Opened[0].OfferSubchannels(1);
        Settle();
        OpenChannel(Guest.Take());
        Post(HandGuest.Words(7, 0, 1));
        Assert.Single(Host.GuestErrors);
        Assert.Equal(2, HandGuest.Word(Guest.Take(), 0) == 2 ? provider.Closed.Count : 0);
    }
}
