using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Packets both ways, what ends a channel's work, and its budget: rules R4 to R7.</summary>
public sealed class PacketTests
{
    [Fact]
    public void Pages_and_ranges_go_out_as_GPA_direct()
    {
        using var bus = SingleChannel.Open(out var channel, out _, out var host);
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(new TestRequest(), [new PageBuffer(0x123, 16, 100), new PageBuffer(0x456, 0, 4096)], [1, 2]));
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(new TestRequest(), new GpaRange { ByteCount = 5000, ByteOffset = 8 }, [0x10, 0x20], [3], [4]));
        var pages = host.Read()!;
        Assert.Equal((PacketType.GpaDirect, 40, 2u), (pages.Type, pages.Descriptor.Length, BitConverter.ToUInt32(pages.Descriptor, 4)));
        Assert.Equal((100u, 16u, 0x123UL), (BitConverter.ToUInt32(pages.Descriptor, 8), BitConverter.ToUInt32(pages.Descriptor, 12), BitConverter.ToUInt64(pages.Descriptor, 16)));
        var range = host.Read()!;
        Assert.Equal((32, 1u, 5000u), (range.Descriptor.Length, BitConverter.ToUInt32(range.Descriptor, 4), BitConverter.ToUInt32(range.Descriptor, 8)));
        Assert.Equal([3, 4], range.Payload[..2]);
        Assert.Throws<ArgumentException>(() => channel.TrySendRequest(new TestRequest(), default(ReadOnlySpan<PageBuffer>), [1]));
        var request = new TestRequest();
        Assert.Throws<ArgumentException>(() => channel.TrySendRequest(request, new GpaRange { ByteCount = 1 }, [1, 2], [1]));
        Assert.False(request.IsOutstanding);
    }

    [Fact]
    public void Transfer_pages_come_in_and_their_completions_go_out()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { Accepted = PacketTypes.TransferPages });
        var descriptor = new byte[16];
        descriptor[0] = 0xFE;
        descriptor[1] = 0xCA;
        descriptor[4] = 1;
        descriptor[8] = 100;
        host.Write(PacketType.TransferPages, 0x77, [5], PacketFlags.CompletionRequested, descriptor);
        host.Write(PacketType.InBand, 0, [6]);
        bus.Settle();
        Assert.Equal((PacketType.TransferPages, 0x77UL), (Assert.Single(handler.Packets).Type, handler.Packets[0].Id));
        Assert.Equal(1, channel.Counters.Dropped);
        Assert.Equal(SendResult.Sent, channel.TryComplete(0x77, [1]));
        var completion = host.Read()!;
        Assert.Equal((PacketType.Completion, 0x77UL), (completion.Type, completion.TransactionId));
    }

    [Fact]
    public void Completions_with_id_0_are_unsolicited_and_the_handlers()
    {
        using var bus = SingleChannel.Open(out _, out var handler, out var host);
        host.Write(PacketType.Completion, 0, [2]);
        bus.Settle();
        Assert.Equal((PacketType.Completion, 0UL), (Assert.Single(handler.Packets).Type, handler.Packets[0].Id));
    }

    [Fact]
    public void R7_a_busy_channel_gives_way_after_its_budget()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { Budget = 10, ReceiveRingSize = 64 * 1024 });
        for (var i = 0; i < 25; i++)
            host.Write(PacketType.InBand, 0, [1]);
        Assert.Equal(1u, host.Inbound.Mask + 1);
        bus.Settle();
        Assert.Equal([10, 20, 25], handler.Batches);
        Assert.Equal((2L, 0u, 1L), (channel.Counters.BudgetEnds, host.Inbound.Mask, channel.Counters.Interrupts));
    }

    [Fact]
    public void The_guest_masks_its_interrupts_while_it_reads()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host);
        handler.Packet = (_, _) =>
        {
            Assert.Equal(1u, host.Inbound.Mask);
            if (handler.Packets.Count < 5)
                host.Write(PacketType.InBand, 0, [1]);
        };
        host.Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Equal((5, 1L, 0u), (handler.Packets.Count, channel.Counters.Interrupts, host.Inbound.Mask));
    }

    [Fact]
    public void A_paused_channel_leaves_its_packets_in_the_ring()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host);
        handler.Packet = (one, _) => one.PauseReceiving();
        for (var i = 0; i < 3; i++)
            host.Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Single(handler.Packets);
        channel.ResumeReceiving();
        bus.Settle();
        Assert.Equal(2, handler.Packets.Count);
        handler.Packet = null;
        channel.ResumeReceiving();
        bus.Settle();
        Assert.Equal(3, handler.Packets.Count);
        host.Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Equal(4, handler.Packets.Count);
    }

    [Fact]
    public void R5_what_is_larger_than_the_buffer_is_skipped()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { LargestPacket = 64 });
        host.Write(PacketType.InBand, 0, new byte[64]);
        host.Write(PacketType.InBand, 0, new byte[48]);
        bus.Settle();
        Assert.Equal((48, 1L), (Assert.Single(handler.Packets).Payload.Length, channel.Counters.Dropped));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broken_ring_ends_the_work_of_the_channel_and_is_told_once(bool inbound)
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host);
        var request = new TestRequest();
        channel.TrySendRequest(request, [1]);
        if (inbound)
            host.Writer.Publish(0x1234567);
        else
            host.Outbound.Out = 0x1234567;
        host.Interrupt();
        bus.Settle();
        channel.TrySend([1]);
        bus.Settle();
        host.Interrupt();
        bus.Settle();
        Assert.Equal(2, bus.Told.Count);
        Assert.StartsWith("broken 1: ", bus.Told[1], StringComparison.Ordinal);
        Assert.Equal((SendResult.Closed, ChannelStatus.Open), (channel.TrySend([1]), channel.Status));
        Assert.NotNull(channel.BrokenBecause);
        // What it holds is safe once it is closed; then it can be opened anew.
        Assert.Empty(request.Completions);
        bus.Run(channel.CloseAsync());
        Assert.Equal(RequestStatus.Closed, Assert.Single(request.Completions).Status);
        Assert.Equal((1, 3), (handler.Ends.Count, bus.PagesInUse));
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        Assert.Null(channel.BrokenBecause);
    }

    [Fact]
    public void A_handler_that_throws_breaks_its_own_channel_only()
    {
        using var bus = new BusFixture();
        bus.Host.Offers.AddRange([ScriptedHost.Offer(1, instance: 1), ScriptedHost.Offer(2, instance: 2)]);
        bus.Connect();
        TestHandler[] handlers = [new(), new()];
        handlers[0].Packet = (_, _) => throw new InvalidDataException("bad luck");
        for (var i = 0; i < 2; i++)
            bus.Run(bus[(uint)i + 1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handlers[i] }));
        for (var i = 1u; i <= 2; i++)
            bus.Host.Channels[i].Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Contains(bus.Told, line => line.StartsWith("broken 1: ", StringComparison.Ordinal) && line.Contains("bad luck", StringComparison.Ordinal));
        Assert.Single(handlers[1].Packets);
        bus.Run(bus[1].Channel.CloseAsync());
    }
}
