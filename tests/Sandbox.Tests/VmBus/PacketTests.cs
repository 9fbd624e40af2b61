using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>Packets both ways, what they name in the guest's memory, and what no guest may write into a ring.</summary>
public sealed class PacketTests : ChannelTest
{
    /// <summary>Protocol 11.4: both packets, each at its index.</summary>
    [Fact]
    public void The_worked_example_of_ring_packets()
    {
        Start();
        Host.Offer(Provider);
        ConnectAndList(0x50003);
        var buffer = Guest.Allocate(4);
        var gpadl = CreateGpadl(1, buffer);
        var outbound = new HandRing(buffer, 0, 2);
        var inbound = new HandRing(buffer, 2, 2);
        outbound.In = outbound.Out = 0x40;
        inbound.In = inbound.Out = 0x68;
        Provider.OnPacket = (session, packet) => session.Complete(packet.TransactionId, Hex.Parse("6c 00 00 00 01 00 00 00"));
        Assert.Equal(0u, OpenStatus(5, 0, 1, 5, gpadl, 0, 2));
        outbound.Put(Hex.Parse("""
            06 00 02 00 04 00 01 00 11 00 00 00 00 00 00 00
            04 00 00 00 00 00 00 00 ef be ad de 00 00 00 00
            00 00 00 00 40 00 00 00
            """));
        Assert.Equal(0x68u, outbound.In);
        Guest.Signal(0x2001);
        Settle();
        var packet = Assert.Single(Provider.Packets);
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
        var packet = Assert.Single(Provider.Packets);
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
        var packet = Assert.Single(Provider.Packets);
        Assert.Null(packet.Data.ToArray());
        Assert.Single(Host.GuestErrors);
        // The channel goes on.
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Equal(2, Provider.Packets.Count);
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
        var packet = Assert.Single(Provider.Packets);
        Assert.Equal([.. Enumerable.Repeat((byte)1, 96), .. Enumerable.Repeat((byte)2, 4), 3], packet.Data.ToArray()!);
        Assert.Equal([100, 1], packet.Buffers.Select(buffer => buffer.Length));
    }

    [Fact]
    public void Transfer_pages_go_to_the_guest()
    {
        var channel = StartOpen();
        Provider.Opened[0].SendTransferPages(0xCAFE, [new TransferPageRange { ByteCount = 0x30, ByteOffset = 0x1000 }], new byte[8], 9, wantsCompletion: true);
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
        Assert.NotNull(Provider.Opened[0].Failure);
        Assert.Empty(Provider.Packets);
        channel.Out.In = channel.Out.Out = 0;
        channel.Out.PutPacket(6, 0, 6, default, new byte[8]);
        Signal(channel);
        Assert.Empty(Provider.Packets);
        // It can still be closed.
        Post(HandGuest.Words(7, 0, 1));
        Assert.Single(Provider.Closed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Echoes_of_ten_thousand_packets_over_every_wrap(int seed)
    {
        Start(seed: seed);
        Provider.Echoes = true;
        Host.Offer(Provider);
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
