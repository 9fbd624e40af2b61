using System.Buffers.Binary;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>Who is signalled, when and where: masks, waits for room, MODIFYCHANNEL, event flags, interrupt and monitor pages.</summary>
public sealed class SignalTests : ChannelTest
{
    [Fact]
    public void The_guest_must_not_touch_the_hosts_mask()
    {
        var channel = StartOpen();
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Single(Provider.Packets);
        channel.Out.Mask = 1;
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Single(Provider.Packets);
        Assert.Contains("mask", Assert.Single(Host.GuestErrors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_guest_is_interrupted_only_for_the_first_packet_and_only_unmasked(bool singly)
    {
        var channel = StartOpen(options: new VmBusHostOptions { StepsSingly = singly });
        var session = Provider.Opened[0];
        session.SendInBand([1]);
        session.SendInBand([2]);
        Settle();
        Assert.Single(Guest.Events);
        channel.In.Take();
        session.SendInBand([3]);
        Settle();
        Assert.Single(Guest.Events);
        channel.In.Take();
        channel.In.Take();
        channel.In.Mask = 1;
        session.SendInBand([4]);
        Settle();
        Assert.Single(Guest.Events);
        channel.In.Take();
        channel.In.Mask = 0;
        session.SendInBand([5]);
        Settle();
        Assert.Equal(2, Guest.Events.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_host_without_room_announces_what_it_needs_and_goes_on_when_it_is_signalled(bool singly)
    {
        var channel = StartOpen(options: new VmBusHostOptions { StepsSingly = singly });
        var session = Provider.Opened[0];
        for (byte i = 0; i < 5; i++)
            session.SendInBand(Enumerable.Repeat(i, 1000).ToArray());
        Settle();
        Assert.Equal((1024u, 2), (channel.In.Pending, session.Waiting));
        channel.In.Take();
        Settle();
        Assert.Equal(2, session.Waiting);
        Signal(channel);
        Assert.Equal((1024u, 1), (channel.In.Pending, session.Waiting));
        channel.In.Take();
        Signal(channel);
        Assert.Equal((0u, 0), (channel.In.Pending, session.Waiting));
        for (byte i = 2; i < 5; i++)
            Assert.Equal(i, channel.In.Take()![16]);
    }

    [Fact]
    public void A_guest_that_waits_for_room_is_interrupted_when_there_is_some()
    {
        var channel = StartOpen();
        for (var i = 0; i < 3; i++)
            channel.Out.PutPacket(6, 0, 1, default, new byte[1000]);
        channel.Out.Pending = 2000;
        Signal(channel);
        Assert.Equal(3, Provider.Packets.Count);
        // Free grew from 1024 to 2048 with the first packet.
        Assert.Single(Guest.Events);
        channel.Out.Pending = 0;
        for (var i = 0; i < 3; i++)
            channel.Out.PutPacket(6, 0, 1, default, new byte[1000]);
        Signal(channel);
        Assert.Single(Guest.Events);
    }

    [Fact]
    public void Interrupts_go_where_the_open_and_MODIFYCHANNEL_say()
    {
        Start(processors: 3);
        Host.Offer(Provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0], vp: 1);
        var session = Provider.Opened[0];
        session.SendInBand([1]);
        Settle();
        Assert.Equal((1, 2, 1), Guest.Events[^1]);
        Post(HandGuest.Words(22, 0, 1, 2));
        Assert.Equal(Hex.Parse("18 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00"), Guest.Take());
        channel.In.Take();
        session.SendInBand([1]);
        Settle();
        Assert.Equal((2, 2, 1), Guest.Events[^1]);
        foreach (var vp in new uint[] { 3, 0xFFFFFFFF })
        {
            Post(HandGuest.Words(22, 0, 1, vp));
            Assert.Equal(0x8000FFFFu, HandGuest.Word(Guest.Take(), 12));
        }

        Post(HandGuest.Words(7, 0, 1));
        Post(HandGuest.Words(22, 0, 1, 1));
        Assert.Equal(0x8000FFFFu, HandGuest.Word(Guest.Take(), 12));
        Assert.Equal(3, Host.GuestErrors.Count);
    }

    [Fact]
    public void Below_5_3_MODIFYCHANNEL_has_no_answer_and_takes_its_time()
    {
        Start(new VmBusHostOptions { ModifyLatency = TimeSpan.FromMilliseconds(5) });
        Host.Offer(Provider);
        OpenChannel(ConnectAndList(0x50002)[0]);
        Post(HandGuest.Words(22, 0, 1, 1));
        Assert.Equal(0u, Provider.Opened[0].TargetVp.Value);
        Clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(1u, Provider.Opened[0].TargetVp.Value);
        Assert.Empty(Guest.Messages);
    }

    [Fact]
    public void A_second_MODIFYCHANNEL_waits_for_the_answer_to_the_first()
    {
        Start(new VmBusHostOptions { ModifyLatency = TimeSpan.FromMilliseconds(5) });
        Host.Offer(Provider);
        OpenChannel(ConnectAndList(0x50003)[0]);
        Post(HandGuest.Words(22, 0, 1, 1));
        Post(HandGuest.Words(22, 0, 1, 0));
        Assert.Single(Host.GuestErrors);
        Clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(2, Guest.Messages.Count);
    }

    [Fact]
    public void A_channel_opened_without_interrupts_gets_none()
    {
        Start();
        Host.Offer(Provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0], vp: 0xFFFFFFFF);
        Provider.Opened[0].SendInBand([1]);
        Settle();
        Assert.Empty(Guest.Events);
        Assert.NotNull(channel.In.Take());
    }

    [Fact]
    public void A_guest_may_choose_its_event_flag_from_6_0_on()
    {
        Start();
        Host.Offer(Provider);
        ConnectAndList(0x60000, at16: 2 | (1UL << 32));
        var gpadl = CreateGpadl(1, Guest.Allocate(4));
        var message = HandGuest.Open(1, 5, gpadl, 0, 2);
        Array.Resize(ref message, 156);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(152), 1999);
        Post(message);
        Assert.Equal(0u, HandGuest.Word(Guest.Take(), 16));
        Provider.Opened[0].SendInBand([1]);
        Settle();
        Assert.Equal((0, 2, 1999), Assert.Single(Guest.Events));
    }

    [Theory]
    [InlineData(0xDu, 2u)]
    [InlineData(0x10001u, 0x2001u)]
    public void Below_2_4_channels_share_the_interrupt_page(uint version, uint connection)
    {
        Start();
        Host.Offer(Provider);
        Provider.Echoes = true;
        var page = Guest.Allocate(1);
        var offer = ConnectAndList(version, at16: page.PhysicalAddress.Value)[0];
        var channel = OpenChannel(offer);
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        // Without the bit the event means nothing.
        Assert.Equal(0, Guest.Signal(connection));
        Settle();
        Assert.Empty(Provider.Packets);
        page.GetSpan()[2048] = 2;
        Assert.Equal(0, Guest.Signal(connection));
        Settle();
        Assert.Single(Provider.Packets);
        Assert.Equal((0, 2), (page.GetSpan()[2048], page.GetSpan()[0]));
        Assert.Equal((0, 2, 0), Assert.Single(Guest.Events));
    }

    [Fact]
    public void A_monitored_channel_needs_no_event()
    {
        var provider = new RecordingProvider { Offer = Provider.Offer with { MonitorLatency = TimeSpan.FromMilliseconds(2) } };
        Start();
        Host.Offer(provider);
        var pages = Guest.Allocate(2);
        var address = pages.PhysicalAddress.Value;
        var offer = ConnectAndList(0x50003, monitor1: address, monitor2: address + 4096)[0];
        Assert.Equal((0, 1, 20_000u), (offer[188], offer[189], HandGuest.Word(offer, 40)));
        var channel = OpenChannel(offer);
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        var pending = pages.GetSpan().Slice(4096 + 8, 4);
        pending[0] = 1;
        Clock.Advance(TimeSpan.FromMilliseconds(1.9));
        Assert.Empty(provider.Packets);
        Clock.Advance(TimeSpan.FromMilliseconds(0.2));
        Assert.Single(provider.Packets);
        Assert.Equal(0, pages.GetSpan()[4096 + 8]);
        // A hypercall does as well.
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        Signal(channel);
        Assert.Equal(2, provider.Packets.Count);
        Assert.Equal(1, Host.MonitoredSignals);
        Post(HandGuest.Words(7, 0, 1));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Monitor_pages_may_move_from_6_0_on()
    {
        var provider = new RecordingProvider { Offer = Provider.Offer with { MonitorLatency = TimeSpan.FromMilliseconds(2) } };
        Start();
        Host.Offer(provider);
        var pages = Guest.Allocate(2);
        var channel = OpenChannel(ConnectAndList(0x60000, at16: 2 | (4UL << 32))[0]);
        var message = new byte[24];
        message[0] = 25;
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), pages.PhysicalAddress.Value);
        Post(message);
        Assert.Equal(Hex.Parse("1a 00 00 00 00 00 00 00 02"), Guest.Take());
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), pages.PhysicalAddress.Value + 4096);
        Post(message);
        Assert.Equal(Hex.Parse("1a 00 00 00 00 00 00 00 00"), Guest.Take());
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        pages.GetSpan()[4096 + 8] = 1;
        Clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Single(provider.Packets);
    }
}
