using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

public sealed class ChannelTests : BusTest
{
    private readonly RecordingProvider _provider = new();

    private HandChannel StartOpen(uint version = 0x50003, VmBusHostOptions? options = null, int outPages = 2, int inPages = 2)
    {
        Start(options);
        Host.Offer(_provider);
        return OpenChannel(ConnectAndList(version, at16: version >= 0x50000 ? 2u : 0)[0], outPages, inPages);
    }

    private uint OpenStatus(params uint[] words)
    {
        var message = HandGuest.Words(words);
        Array.Resize(ref message, 148);
        Post(message);
        var answer = Guest.Take();
        Assert.Equal((6u, 20, words[3]), (HandGuest.Word(answer, 0), answer.Length, HandGuest.Word(answer, 12)));
        return HandGuest.Word(answer, 16);
    }

    [Fact]
    public void The_service_gets_the_user_data_of_the_open()
    {
        Start();
        Host.Offer(_provider);
        ConnectAndList(0x50003);
        var gpadl = CreateGpadl(1, Guest.Allocate(4));
        var message = HandGuest.Open(1, 5, gpadl, 1, 2);
        message[28] = 0xAB;
        message[147] = 0xCD;
        Post(message);
        Assert.Equal(Hex.Parse("06 00 00 00 00 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00"), Guest.Take());
        var session = Assert.Single(_provider.Opened);
        Assert.Equal((0xAB, 0xCD, 120), (session.UserData.Span[0], session.UserData.Span[119], session.UserData.Length));
        Assert.Equal((4096, 4096, 1u), (session.OutboundSize, session.InboundSize, session.TargetVp.Value));
    }

    [Fact]
    public void Rings_that_cannot_be_are_refused()
    {
        Start();
        Host.Offer(_provider);
        ConnectAndList(0x50003);
        var gpadl = CreateGpadl(1, Guest.Allocate(5));
        foreach (var downstream in new uint[] { 0, 1, 4, 5, 0xFFFFFFFF })
            Assert.Equal(0x8000FFFFu, OpenStatus(5, 0, 1, 5, gpadl, 0, downstream));
        Assert.Equal(0x8000FFFFu, OpenStatus(5, 0, 1, 5, gpadl + 1, 0, 2));
        Assert.Equal(0x8000FFFFu, OpenStatus(5, 0, 1, 5, gpadl, 7, 2));
        Assert.Equal(0u, OpenStatus(5, 0, 1, 5, gpadl, 0xFFFFFFFF, 3));
        Assert.Equal(0x8000FFFFu, OpenStatus(5, 0, 1, 6, gpadl, 0, 2));
        Assert.Equal(8, Host.GuestErrors.Count);
    }

    [Fact]
    public void The_provider_may_refuse()
    {
        Start();
        Host.Offer(_provider);
        _provider.OpenStatus = 0xC0000001;
        ConnectAndList(0x50003);
        var gpadl = CreateGpadl(1, Guest.Allocate(4));
        Assert.Equal(0xC0000001u, OpenStatus(5, 0, 1, 5, gpadl, 0, 2));
        _provider.OpenStatus = 0;
        Assert.Equal(0u, OpenStatus(5, 0, 1, 5, gpadl, 0, 2));
        Assert.Empty(_provider.Closed);
    }

    /// <summary>Protocol 11.4: both packets, each at its index.</summary>
    [Fact]
    public void The_worked_example_of_ring_packets()
    {
        Start();
        Host.Offer(_provider);
        ConnectAndList(0x50003);
        var buffer = Guest.Allocate(4);
        var gpadl = CreateGpadl(1, buffer);
        var outbound = new HandRing(buffer, 0, 2);
        var inbound = new HandRing(buffer, 2, 2);
        outbound.In = outbound.Out = 0x40;
        inbound.In = inbound.Out = 0x68;
        _provider.OnPacket = (session, packet) => session.Complete(packet.TransactionId, Hex.Parse("6c 00 00 00 01 00 00 00"));
        Assert.Equal(0u, OpenStatus(5, 0, 1, 5, gpadl, 0, 2));
        outbound.Put(Hex.Parse("""
            06 00 02 00 04 00 01 00 11 00 00 00 00 00 00 00
            04 00 00 00 00 00 00 00 ef be ad de 00 00 00 00
            00 00 00 00 40 00 00 00
            """));
        Assert.Equal(0x68u, outbound.In);
        Guest.Signal(0x2001);
        Settle();
        var packet = Assert.Single(_provider.Packets);
        Assert.Equal((PacketType.InBand, true, 0x11UL, 16), (packet.Type, packet.WantsCompletion, packet.TransactionId, packet.Payload.Length));
        Assert.Equal(0x68u, outbound.Out);
        Assert.Equal(
            Hex.Parse("""
                0b 00 02 00 03 00 00 00 11 00 00 00 00 00 00 00
                6c 00 00 00 01 00 00 00 00 00 00 00 68 00 00 00
                """),
            inbound.Take());
        Assert.Equal((0, 2, 1), Assert.Single(Guest.Events));
        Assert.Empty(Host.GuestErrors);
    }

    /// <summary>Protocol 11.8: the whole ring entry, with its page in this guest's memory.</summary>
    [Fact]
    public void The_worked_example_of_a_storage_read_names_its_page()
    {
        var channel = StartOpen();
        var page = Guest.Allocate(1);
        page.GetSpan()[4095] = 0x77;
        var entry = Hex.Parse("""
            09 00 05 00 0d 00 01 00 2a 00 00 00 00 00 00 00
            00 00 00 00 01 00 00 00 00 10 00 00 00 00 00 00
            de c0 01 00 00 00 00 00 03 00 00 00 01 00 00 00
            00 00 00 00 34 00 00 00 00 00 00 00 0a 14 01 00
            00 10 00 00 28 00 00 00 10 00 00 00 08 00 00 00
            00 00 00 00 00 00 00 00 00 00 ff 20 4a 01 00 00
            3c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            """);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(32), page.PhysicalAddress.Value / 4096);
        channel.Out.Put(entry);
        Signal(channel);
        var packet = Assert.Single(_provider.Packets);
        Assert.Equal((PacketType.GpaDirect, 64, 4096, 1), (packet.Type, packet.Payload.Length, packet.Data.Length, packet.Buffers.Count));
        Assert.Equal(0x77, packet.Data.ToArray()![4095]);
        Assert.True(packet.Data.TryWrite(4094, [1, 2]));
        Assert.Equal(2, page.GetSpan()[4095]);
        Assert.False(packet.Data.TryWrite(4095, [1, 2]));
        Assert.False(packet.Data.TryRead(4097, default));
        Assert.Equal(2, Host.GuestErrors.Count);
    }

    [Fact]
    public void Ranges_that_are_nobodys_memory_are_reported_and_not_followed()
    {
        var channel = StartOpen();
        var descriptor = new byte[24];
        descriptor[4] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(8), 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor.AsSpan(16), 0x7FFF_FFFF);
        channel.Out.PutPacket(9, 1, 5, descriptor, new byte[8]);
        Signal(channel);
        var packet = Assert.Single(_provider.Packets);
        Assert.Null(packet.Data.ToArray());
        Assert.Single(Host.GuestErrors);
        // The channel goes on.
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Equal(2, _provider.Packets.Count);
    }

    [Fact]
    public void Several_ranges_are_one_stretch_of_data()
    {
        var channel = StartOpen();
        var pages = Guest.Allocate(3);
        pages.GetSpan()[4000..4096].Fill(1);
        pages.GetSpan()[4096..4100].Fill(2);
        pages.GetSpan()[8192..8193].Fill(3);
        var frame = pages.PhysicalAddress.Value / 4096;
        var descriptor = new byte[8 + 8 + 16 + 8 + 8];
        descriptor[4] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(8), 100);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(12), 4000);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor.AsSpan(16), frame);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor.AsSpan(24), frame + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(32), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor.AsSpan(40), frame + 2);
        channel.Out.PutPacket(9, 0, 5, descriptor, new byte[8]);
        Signal(channel);
        var packet = Assert.Single(_provider.Packets);
        Assert.Equal([.. Enumerable.Repeat((byte)1, 96), .. Enumerable.Repeat((byte)2, 4), 3], packet.Data.ToArray()!);
        Assert.Equal([100, 1], packet.Buffers.Select(buffer => buffer.Length));
    }

    [Fact]
    public void Transfer_pages_go_to_the_guest()
    {
        var channel = StartOpen();
        _provider.Opened[0].SendTransferPages(0xCAFE, [new TransferPageRange { ByteCount = 0x30, ByteOffset = 0x1000 }], new byte[8], 9, wantsCompletion: true);
        Settle();
        Assert.Equal(
            Hex.Parse("""
                07 00 04 00 05 00 01 00 09 00 00 00 00 00 00 00
                fe ca 00 00 01 00 00 00 30 00 00 00 00 10 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                """),
            channel.In.Take());
    }

    public static TheoryData<string, byte[], uint> Violations => new()
    {
        { "index beyond", [], 4096 },
        { "index between", [], 4 },
        { "less than a header", new byte[16], 16 },
        { "data offset below the header", Hex.Parse("06 00 01 00 02 00 00 00", 24), 24 },
        { "data offset beyond the length", Hex.Parse("06 00 03 00 02 00 00 00", 24), 24 },
        { "length zero", Hex.Parse("06 00 02 00 00 00 00 00", 24), 24 },
        { "length beyond what is there", Hex.Parse("06 00 02 00 ff ff 00 00", 24), 24 },
        { "flags", Hex.Parse("06 00 02 00 02 00 02 00", 24), 24 },
        { "type", Hex.Parse("02 00 02 00 02 00 00 00", 24), 24 },
        { "no ranges", Hex.Parse("09 00 03 00 03 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 32), 32 },
        { "range count", Hex.Parse("09 00 03 00 03 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff", 32), 32 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Any_violation_of_the_ring_ends_the_channel(string what, byte[] bytes, uint index)
    {
        Assert.NotEmpty(what);
        var channel = StartOpen();
        bytes.CopyTo(channel.Out.Data);
        channel.Out.In = index;
        Signal(channel);
        Assert.Single(Host.GuestErrors);
        Assert.NotNull(_provider.Opened[0].Failure);
        Assert.Empty(_provider.Packets);
        channel.Out.In = channel.Out.Out = 0;
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Empty(_provider.Packets);
        // It can still be closed.
        Post(HandGuest.Words(7, 0, 1));
        Assert.Single(_provider.Closed);
    }

    [Fact]
    public void The_guest_must_not_touch_the_hosts_mask()
    {
        var channel = StartOpen();
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Single(_provider.Packets);
        channel.Out.Mask = 1;
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Single(_provider.Packets);
        Assert.Contains("mask", Assert.Single(Host.GuestErrors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_guest_is_interrupted_only_for_the_first_packet_and_only_unmasked(bool singly)
    {
        var channel = StartOpen(options: new VmBusHostOptions { StepsSingly = singly });
        var session = _provider.Opened[0];
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
        var session = _provider.Opened[0];
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
        Assert.Equal(3, _provider.Packets.Count);
        // Free grew from 1024 to 2048 with the first packet.
        Assert.Single(Guest.Events);
        channel.Out.Pending = 0;
        for (var i = 0; i < 3; i++)
            channel.Out.PutPacket(6, 0, 1, default, new byte[1000]);
        Signal(channel);
        Assert.Single(Guest.Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Echoes_of_ten_thousand_packets_over_every_wrap(int seed)
    {
        Start(seed: seed);
        _provider.Echoes = true;
        Host.Offer(_provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        var random = new Random(seed);
        var sent = new Queue<byte[]>();
        var received = 0;
        for (var i = 0; received < 10_000; i++)
        {
            var size = (random.Next(1, 60) * 8) + 24;
            var used = (channel.Out.In - channel.Out.Out + (uint)channel.Out.Size) % (uint)channel.Out.Size;
            if (i < 10_000 && used + size + 24 < channel.Out.Size)
            {
                var payload = new byte[size - 24];
                random.NextBytes(payload);
                sent.Enqueue(payload);
                var wasEmpty = used == 0;
                channel.Out.PutPacket(6, 1, (ulong)i + 1, default, payload);
                if (wasEmpty && channel.Out.Mask == 0)
                    Assert.Equal(0, Guest.Signal(channel.Connection));
            }

            for (var steps = random.Next(8); steps > 0 && Clock.RunNext(); steps--)
            {
            }

            while (random.Next(3) != 0 && channel.In.Take() is { } packet)
            {
                Assert.Equal(sent.Dequeue(), packet[16..^8]);
                received++;
                if (channel.In.Pending != 0)
                    Guest.Signal(channel.Connection);
            }

            Assert.True(i < 400_000, $"seed {seed}: stuck after {received}");
        }

        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Interrupts_go_where_the_open_and_MODIFYCHANNEL_say()
    {
        Start(processors: 3);
        Host.Offer(_provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0], vp: 1);
        var session = _provider.Opened[0];
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
        Host.Offer(_provider);
        OpenChannel(ConnectAndList(0x50002)[0]);
        Post(HandGuest.Words(22, 0, 1, 1));
        Assert.Equal(0u, _provider.Opened[0].TargetVp.Value);
        Clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(1u, _provider.Opened[0].TargetVp.Value);
        Assert.Empty(Guest.Messages);
    }

    [Fact]
    public void A_second_MODIFYCHANNEL_waits_for_the_answer_to_the_first()
    {
        Start(new VmBusHostOptions { ModifyLatency = TimeSpan.FromMilliseconds(5) });
        Host.Offer(_provider);
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
        Host.Offer(_provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0], vp: 0xFFFFFFFF);
        _provider.Opened[0].SendInBand([1]);
        Settle();
        Assert.Empty(Guest.Events);
        Assert.NotNull(channel.In.Take());
    }

    [Fact]
    public void A_guest_may_choose_its_event_flag_from_6_0_on()
    {
        Start();
        Host.Offer(_provider);
        ConnectAndList(0x60000, at16: 2 | (1UL << 32));
        var gpadl = CreateGpadl(1, Guest.Allocate(4));
        var message = HandGuest.Open(1, 5, gpadl, 0, 2);
        Array.Resize(ref message, 156);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(152), 1999);
        Post(message);
        Assert.Equal(0u, HandGuest.Word(Guest.Take(), 16));
        _provider.Opened[0].SendInBand([1]);
        Settle();
        Assert.Equal((0, 2, 1999), Assert.Single(Guest.Events));
    }

    [Theory]
    [InlineData(0xDu, 2u)]
    [InlineData(0x10001u, 0x2001u)]
    public void Below_2_4_channels_share_the_interrupt_page(uint version, uint connection)
    {
        Start();
        Host.Offer(_provider);
        _provider.Echoes = true;
        var page = Guest.Allocate(1);
        var offer = ConnectAndList(version, at16: page.PhysicalAddress.Value)[0];
        var channel = OpenChannel(offer);
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        // Without the bit the event means nothing.
        Assert.Equal(0, Guest.Signal(connection));
        Settle();
        Assert.Empty(_provider.Packets);
        page.GetSpan()[2048] = 2;
        Assert.Equal(0, Guest.Signal(connection));
        Settle();
        Assert.Single(_provider.Packets);
        Assert.Equal((0, 2), (page.GetSpan()[2048], page.GetSpan()[0]));
        Assert.Equal((0, 2, 0), Assert.Single(Guest.Events));
    }

    [Fact]
    public void A_monitored_channel_needs_no_event()
    {
        var provider = new RecordingProvider { Offer = _provider.Offer with { MonitorLatency = TimeSpan.FromMilliseconds(2) } };
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
        var provider = new RecordingProvider { Offer = _provider.Offer with { MonitorLatency = TimeSpan.FromMilliseconds(2) } };
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

    [Fact]
    public void A_reserved_channel_outlives_the_connection()
    {
        Start();
        Host.Offer(_provider);
        _provider.Echoes = true;
        ConnectAndList(0x50003);
        var buffer = Guest.Allocate(4);
        var gpadl = CreateGpadl(1, buffer);
        var channel = new HandChannel(1, 0x2001, gpadl, buffer, new HandRing(buffer, 0, 2), new HandRing(buffer, 2, 2));
        Post(HandGuest.Words(18, 0, 1, 1, 5, gpadl, 2));
        Assert.Equal((1, 5), (Guest.Messages.Peek().Processor, Guest.Messages.Peek().Sint));
        Assert.Equal((6u, 0u), (HandGuest.Word(Guest.Messages.Peek().Payload, 0), HandGuest.Word(Guest.Take(), 16)));
        Post(HandGuest.Words(16, 0));
        Guest.Take();
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        Signal(channel);
        Assert.NotNull(channel.In.Take());
        Assert.Equal((1, 5, 1), Assert.Single(Guest.Events));
        Post(HandGuest.Words(19, 0, 1, 0, 5), 1);
        Assert.Equal((0, 5), (Guest.Messages.Peek().Processor, Guest.Messages.Peek().Sint));
        Assert.Equal(Hex.Parse("14 00 00 00 00 00 00 00 01 00 00 00"), Guest.Take());
        Assert.Equal(CloseReason.Closed, Assert.Single(_provider.Closed).Reason);
        buffer.Dispose();
        Assert.Empty(Memory.Violations);
        Assert.Single(ConnectAndList(0x50003));
    }

    [Fact]
    public void The_guest_connects_to_a_listener_of_the_host()
    {
        Start();
        var service = Guid.NewGuid();
        var endpoint = Guid.NewGuid();
        Host.Listen(service, id => id == endpoint ? _provider : null);
        ConnectAndList(0x50003);
        byte[] Request(Guid from, Guid to) => [.. HandGuest.Words(21, 0), .. from.ToByteArray(), .. to.ToByteArray(), .. new byte[16]];
        Post(Request(endpoint, service));
        var offer = Guest.Take();
        Assert.Equal((1, 0x20), (offer[0], offer[57]));
        Assert.Equal((service, endpoint), (new Guid(offer.AsSpan(8, 16)), new Guid(offer.AsSpan(24, 16))));
        Post(Request(Guid.NewGuid(), service));
        Post(Request(endpoint, Guid.NewGuid()));
        Post(Request(endpoint, service));
        for (var i = 0; i < 3; i++)
        {
            var result = Guest.Take();
            Assert.Equal((23u, 44, 0xC0000236u), (HandGuest.Word(result, 0), result.Length, HandGuest.Word(result, 40)));
        }
    }

    [Fact]
    public void A_rescind_at_each_step_leaves_nothing_behind()
    {
        for (var step = 1; ; step++)
        {
            Start();
            _provider.Echoes = true;
            _provider.Opened.Clear();
            _provider.Closed.Clear();
            var offered = Host.Offer(_provider);
            Host.Faults.RescindAtStep = step;
            Connect(0x50003);
            Guest.Post(0x1F, HandGuest.Words(3, 0));
            Settle();
            using var buffer = Guest.Allocate(4);
            var messages = Guest.Gpadl(1, buffer, out var gpadl);
            foreach (var message in messages)
                Guest.Post(0x1F, message);
            Settle();
            Guest.Post(0x1F, HandGuest.Open(1, 1, gpadl, 0, 2));
            Settle();
            new HandRing(buffer, 0, 2).PutPacket(6, 0, 1, default, [1]);
            Guest.Signal(0x2001);
            Settle();
            var wasReached = Host.Steps >= step;
            if (wasReached)
            {
                Assert.Contains(offered.State, new[] { HostChannelState.Rescinded, HostChannelState.Gone });
                Assert.Equal(0, Host.GpadlCount);
                Assert.Equal(_provider.Opened.Count, _provider.Closed.Count);
                Post(HandGuest.Words(13, 0, 1));
                Assert.Equal(HostChannelState.Gone, offered.State);
            }

            Dispose();
            if (!wasReached)
            {
                Assert.InRange(step, 9, 100);
                return;
            }
        }
    }

    [Fact]
    public void The_trace_holds_every_message_packet_and_signal_in_order()
    {
        var channel = StartOpen();
        channel.Out.PutPacket(6, 0, 0x33, default, [0xAA, 0xBB]);
        Signal(channel);
        Assert.Equal(
            [">InitiateContact", "<VersionResponse", ">RequestOffers", "<OfferChannel", "<AllOffersDelivered", ">GpadlHeader", "<GpadlCreated", ">OpenChannel", "<OpenChannelResult"],
            Host.Trace.MessageTypes());
        var text = Host.Trace.ToString();
        Assert.Contains("InBand id 33", text, StringComparison.Ordinal);
        Assert.Contains("aabb000000000000", text, StringComparison.Ordinal);
        Assert.Single(Host.Trace.Of(TraceKind.SignalFromGuest));
        Assert.Equal(1u, Host.Trace.Messages(Drivers.VmBus.Protocol.Messages.MessageType.OfferChannel)[0].RelId);
        Host.Trace.Capacity = 2;
        channel.Out.PutPacket(6, 0, 0x33, default, [0xAA, 0xBB]);
        Signal(channel);
        Assert.Equal(2, Host.Trace.Entries.Count);
    }

}
