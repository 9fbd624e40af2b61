using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Testing;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Packets both ways, requests, and waiting for room: rules R4 to R9.</summary>
public sealed class PacketTests
{
    [Fact]
    public void Requests_carry_slots_and_a_slot_never_names_two_requests()
    {
        using var bus = Open(out var channel, out _, out var host, options => options with { MostRequests = 2 });
        TestRequest[] requests = [new(), new(), new()];
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(requests[0], [1]));
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(requests[1], [2]));
        Assert.Equal(SendResult.NoSlot, channel.TrySendRequest(requests[2], [3]));
        Assert.Throws<InvalidOperationException>(() => channel.TrySendRequest(requests[0], [4]));
        var first = host.Read()!;
        var second = host.Read()!;
        Assert.Equal((1UL, 2UL), (first.TransactionId, second.TransactionId));
        Assert.Equal(PacketFlags.CompletionRequested, first.Flags);
        host.Write(PacketType.Completion, second.TransactionId, [7]);
        host.Write(PacketType.Completion, second.TransactionId, [8]);
        bus.Settle();
        Assert.Equal((RequestStatus.Completed, (byte)7), (Assert.Single(requests[1].Completions).Status, requests[1].Completions[0].Payload[0]));
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(requests[2], [3]));
        // The same slot, another id: an answer to the old one is nobody's.
        var third = host.Read()!;
        Assert.Equal(second.TransactionId | (1UL << 32), third.TransactionId);
        host.Write(PacketType.Completion, second.TransactionId, [9]);
        bus.Settle();
        Assert.Empty(requests[2].Completions);
        host.Write(PacketType.Completion, third.TransactionId, [9]);
        bus.Settle();
        Assert.Single(requests[2].Completions);
        Assert.Equal(2, channel.Counters.StrayCompletions);
    }

    [Theory]
    [InlineData(3UL)]
    [InlineData(0xFFFF_FFFFUL)]
    [InlineData(0x1_0000_0000UL)]
    [InlineData(0x1_0000_0001UL)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL)]
    public void R8_completions_that_are_made_up_are_dropped(ulong id)
    {
        using var bus = Open(out var channel, out var handler, out var host, options => options with { MostRequests = 2 });
        var request = new TestRequest();
        channel.TrySendRequest(request, [1]);
        host.Write(PacketType.Completion, id, [1]);
        bus.Settle();
        Assert.Equal((1L, true, 0), (channel.Counters.StrayCompletions, request.IsOutstanding, handler.Packets.Count));
    }

    [Fact]
    public void R9_a_request_that_was_given_up_keeps_its_slot_until_the_completion_comes()
    {
        using var bus = Open(out var channel, out var handler, out var host, options => options with { MostRequests = 1 });
        var request = new TestRequest();
        var next = new TestRequest();
        channel.TrySendRequest(request, [1]);
        Assert.True(channel.TryAbandon(request));
        Assert.False(channel.TryAbandon(request));
        Assert.Equal((SendResult.NoSlot, true), (channel.TrySendRequest(next, [1]), request.IsOutstanding));
        var id = host.Read()!.TransactionId;
        host.Write(PacketType.Completion, id, [1]);
        bus.Settle();
        Assert.Equal((0, 1, 1L, 1), (request.Completions.Count, request.Releases, channel.Counters.LateCompletions, handler.Rooms));
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(next, [1]));
        Assert.False(channel.TryAbandon(request));
    }

    [Fact]
    public void A_request_can_be_sent_again_from_its_completion()
    {
        using var bus = Open(out var channel, out _, out var host);
        host.Signalled = one => one.CompleteAll();
        var request = new TestRequest();
        var left = 100;
        request.Completed = () =>
        {
            if (--left > 0)
                Assert.Equal(SendResult.Sent, channel.TrySendRequest(request, [1]));
        };
        channel.TrySendRequest(request, [1]);
        bus.Settle();
        Assert.Equal((100, 0, 100L), (request.Completions.Count, left, channel.Counters.Sent));
    }

    [Fact]
    public void An_awaited_request_times_out_and_its_late_completion_touches_nothing()
    {
        using var bus = Open(out var channel, out _, out var host);
        var answer = new byte[8];
        var failure = bus.Fails(channel.RequestAsync(new byte[8], answer, TimeSpan.FromSeconds(3)));
        Assert.Equal((VmBusErrorKind.TimedOut, 3.0), (failure.Kind, bus.Machine.Clock.Elapsed.TotalSeconds));
        host.Write(PacketType.Completion, host.Read()!.TransactionId, [1, 2, 3]);
        bus.Settle();
        Assert.Equal((1L, (byte)0), (channel.Counters.LateCompletions, answer[0]));
        using var source = new CancellationTokenSource();
        var task = channel.RequestAsync(new byte[8], answer, TimeSpan.FromSeconds(3), source.Token).AsTask();
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(task)).Kind);
    }

    [Fact]
    public void Pages_and_ranges_go_out_as_GPA_direct()
    {
        using var bus = Open(out var channel, out _, out var host);
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
        using var bus = Open(out var channel, out var handler, out var host, options => options with { Accepted = PacketTypes.TransferPages });
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
        using var bus = Open(out _, out var handler, out var host);
        host.Write(PacketType.Completion, 0, [2]);
        bus.Settle();
        Assert.Equal((PacketType.Completion, 0UL), (Assert.Single(handler.Packets).Type, handler.Packets[0].Id));
    }

    [Fact]
    public void Those_who_wait_for_room_are_served_in_order_and_the_host_is_told_what_they_need()
    {
        using var bus = Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
        var sent = 0;
        while (channel.TrySend(new byte[1000]) == SendResult.Sent)
            sent++;
        Assert.Equal(3, sent);
        var tasks = Enumerable.Range(0, 3).Select(i => channel.SendAsync(new byte[] { (byte)i, 1, 1 }.Concat(new byte[1497]).ToArray()).AsTask()).ToArray();
        Assert.Equal(SendResult.RingFull, channel.TrySend([1]));
        bus.Settle();
        Assert.All(tasks, task => Assert.False(task.IsCompleted));
        Assert.Equal(16u + 1504 + 8, host.Outbound.Pending);
        var order = new List<byte>();
        for (var i = 0; i < 50 && order.Count < 4; i++)
        {
            if (host.Read() is { } packet && packet.Payload.Length != 1000)
                order.Add(packet.Payload[0]);
            bus.Settle();
            if (handler.Rooms == 1 && order.Count == 3)
                channel.TrySend([9]);
        }

        Assert.Equal([0, 1, 2, 9], order);
        Assert.All(tasks, task => Assert.Equal(SendResult.Sent, task.Result));
        Assert.Equal((1, 0u), (handler.Rooms, host.Outbound.Pending));
        Assert.Equal(SendResult.TooLarge, channel.TrySend(new byte[4096]));
        Assert.Equal(SendResult.TooLarge, bus.Run(channel.SendAsync(new byte[4096])));
    }

    [Fact]
    public void A_large_packet_that_waits_for_room_is_not_forgotten_when_a_small_one_goes_out()
    {
        using var bus = Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
        while (channel.TrySend(new byte[800]) == SendResult.Sent)
        {
        }

        handler.Packet = null;
        Assert.Equal(SendResult.RingFull, channel.TrySend(new byte[3000]));
        Assert.Equal(SendResult.Sent, channel.TrySend(new byte[8]));
        Assert.Equal(16u + 3000 + 8, host.Outbound.Pending);
        while (host.Read() is not null)
        {
        }

        bus.Settle();
        Assert.Equal(1, handler.Rooms);
        Assert.Equal(SendResult.Sent, channel.TrySend(new byte[3000]));
    }

    [Fact]
    public void Room_is_found_even_when_the_host_does_not_signal_a_masked_guest()
    {
        // QEMU's host skips the signal when the guest's mask is set.
        using var bus = Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
        handler.Packet = (_, _) =>
        {
            while (channel.TrySend(new byte[1000]) == SendResult.Sent)
            {
            }

            while (host.Reader.TryRead(out _) is not null)
            {
            }
        };
        host.Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Equal(1, handler.Rooms);
    }

    [Fact]
    public void A_sender_that_gives_up_lets_the_next_one_pass()
    {
        using var bus = Open(out var channel, out _, out var host, options => options with { SendRingSize = 8192 });
        while (channel.TrySend(new byte[1000]) == SendResult.Sent)
        {
        }

        using var source = new CancellationTokenSource();
        var large = channel.SendAsync(new byte[4000], source.Token).AsTask();
        var small = channel.SendAsync(new byte[] { 5 }).AsTask();
        bus.Settle();
        Assert.False(small.IsCompleted);
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(large)).Kind);
        bus.Run(small);
        Assert.Equal(SendResult.Sent, small.Result);
        var waiting = channel.SendAsync(new byte[2000]).AsTask();
        bus.Settle();
        bus.Run(channel.CloseAsync());
        bus.Run(waiting);
        Assert.Equal(SendResult.Closed, waiting.Result);
        Assert.Null(host.Opened);
    }

    [Fact]
    public void R7_a_busy_channel_gives_way_after_its_budget()
    {
        using var bus = Open(out var channel, out var handler, out var host, options => options with { Budget = 10, ReceiveRingSize = 64 * 1024 });
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
        using var bus = Open(out var channel, out var handler, out var host);
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
        using var bus = Open(out var channel, out var handler, out var host);
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
        using var bus = Open(out var channel, out var handler, out var host, options => options with { LargestPacket = 64 });
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
        using var bus = Open(out var channel, out var handler, out var host);
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

    [Fact]
    public void V11_events_of_channels_that_are_closed_or_unknown_are_counted_and_ignored()
    {
        using var bus = Open(out var channel, out _, out var host);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 0);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 2);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 2000);
        bus.Settle();
        Assert.Equal(0, channel.Counters.Interrupts);
        bus.Run(channel.CloseAsync());
        host.Interrupt();
        bus.Settle();
        // Flag 0, one above the highest id, and the closed channel's; the one of 2000 is not even looked at.
        Assert.Equal(3, bus.Bus.Counters.StrayEvents);
    }

    [Fact]
    public void A_monitored_channel_sets_its_bits_and_makes_no_call()
    {
        using var bus = new BusFixture(VmBusVersion.V3_0);
        var offer = ScriptedHost.Offer(70);
        offer.MonitorAllocated = 1;
        offer.MonitorId = new MonitorId(37);
        bus.Host.Offers.Add(offer);
        bus.Connect();
        var channel = bus[70].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        channel.TrySend([1]);
        Assert.Equal((0, 1L, 0L), (bus.Host.Channels[70].Signals, channel.Counters.MonitorSignals, channel.Counters.Signals));
        Assert.Equal(1u << 5, Word(bus, bus.Host.ChildToParentMonitor + 8 + 8));
        Assert.Equal(1u << 6, Word(bus, bus.Host.InterruptPage + 2048 + 8));
        bus.Run(channel.CloseAsync());
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler(), ToleratesLatency = false }));
        channel.TrySend([1]);
        Assert.Equal((1, 1L), (bus.Host.Channels[70].Signals, channel.Counters.Signals));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_channel_without_an_interrupt_of_its_own_marks_the_interrupt_page_too(bool isDedicated)
    {
        using var bus = new BusFixture(VmBusVersion.V1_1);
        var offer = ScriptedHost.Offer(70);
        offer.DedicatedInterrupt = (ushort)(isDedicated ? 1 : 0);
        bus.Host.Offers.Add(offer);
        bus.Connect();
        bus.Run(bus[70].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus[70].Channel.TrySend([1]);
        bus[70].Channel.TrySend([1]);
        Assert.Equal(1, bus.Host.Channels[70].Signals);
        Assert.Equal(isDedicated ? 0 : 1u << 6, Word(bus, bus.Host.InterruptPage + 2048 + 8));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_host_below_2_4_tells_of_its_packets_by_the_interrupt_page_whether_it_sets_the_flag_or_not(bool setsFlag)
    {
        using var bus = new BusFixture(VmBusVersion.V1_1);
        bus.Host.Offers.Add(ScriptedHost.Offer(70));
        bus.Connect();
        var handler = new TestHandler();
        bus.Run(bus[70].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        bus.Host.Channels[70].FlagsInterruptPage = setsFlag;
        for (var i = 1; i <= 3; i++)
        {
            bus.Host.Channels[70].Write(PacketType.InBand, 0, [1]);
            bus.Settle();
            Assert.Equal(i, handler.Packets.Count);
        }

        Assert.Equal(0, bus.Bus.Counters.StrayEvents);
    }

    [Fact]
    public void A_signal_that_the_hypervisor_refuses_is_counted()
    {
        using var bus = Open(out var channel, out _, out _);
        bus.Machine.Model.Hypercalls.EventPorts.Clear();
        Assert.Equal(SendResult.Sent, channel.TrySend([1]));
        Assert.Equal(1, bus.Bus.Counters.FailedSignals);
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        using var bus = Open(out var channel, out _, out var host, options => options with { Handler = new QuietHandler() });
        var request = new QuietRequest();
        var payload = new byte[64];
        bus.Settle();
        bus.Executor.Holds = true;
        var rounds = 0;
        Rounds(200);
        Assert.Equal(0, Allocations.LeastOf(() => Rounds(100)));
        bus.Executor.Holds = false;
        Assert.Equal(rounds, request.Completions);

        // What the simulated host does allocates: it is left out of the measure.
        long Rounds(int count)
        {
            long allocated = 0;
            for (var end = rounds + count; rounds < end; rounds++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var isSent = channel.TrySendRequest(request, payload, payload) == SendResult.Sent;
                isSent &= channel.TrySend(payload) == SendResult.Sent;
                var sending = channel.SendAsync(payload);
                isSent &= sending.IsCompletedSuccessfully && sending.Result == SendResult.Sent;
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(isSent);
                for (var k = 0; k < 3; k++)
                {
                    var packet = host.Reader.TryRead(out _)!;
                    if (packet.TransactionId != 0)
                        Assert.True(host.Writer.TryWrite(PacketType.Completion, PacketFlags.None, packet.TransactionId, default, payload, out _));
                }

                Assert.True(host.Writer.TryWrite(PacketType.InBand, PacketFlags.None, 0, default, payload, out _));
                before = GC.GetAllocatedBytesForCurrentThread();
                channel.Port!.Interrupt();
                bus.Executor.RunHeld();
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.False(request.IsOutstanding);
            }

            return allocated;
        }
    }

    [Fact]
    public void Waiting_for_room_allocates_nothing()
    {
        using var bus = Open(out var channel, out _, out var host, options => options with { SendRingSize = 8192, Handler = new QuietHandler() });
        var payload = new byte[1000];
        bus.Settle();
        for (var i = 0; i < 3; i++)
            Assert.Equal(SendResult.Sent, channel.TrySend(payload));
        bus.Executor.Holds = true;
        Rounds();
        Assert.Equal(0, Allocations.LeastOf(Rounds));
        bus.Executor.Holds = false;

        long Rounds()
        {
            long allocated = 0;
            for (var i = 0; i < 100; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var sending = channel.SendAsync(payload);
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.False(sending.IsCompleted);
                Assert.NotNull(host.Reader.TryRead(out var signal));
                Assert.True(signal);
                before = GC.GetAllocatedBytesForCurrentThread();
                channel.Port!.Interrupt();
                bus.Executor.RunHeld();
                bus.Executor.RunHeld();
                var isSent = sending.IsCompleted && sending.GetAwaiter().GetResult() == SendResult.Sent;
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(isSent);
            }

            return allocated;
        }
    }

    private static uint Word(BusFixture bus, ulong address)
    {
        Span<byte> word = stackalloc byte[4];
        Assert.True(bus.Machine.Memory.TryRead(address, word));
        return BitConverter.ToUInt32(word);
    }

    private static BusFixture Open(
        out VmBusChannel channel, out TestHandler handler, out HostChannel host, Func<ChannelOpenOptions, ChannelOpenOptions>? change = null)
    {
        var bus = new BusFixture();
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        channel = bus[1].Channel;
        handler = new TestHandler();
        var options = new ChannelOpenOptions { Handler = handler };
        bus.Run(channel.OpenAsync(change?.Invoke(options) ?? options));
        host = bus.Host.Channels[1];
        return bus;
    }

    private sealed class QuietHandler : ChannelHandler
    {
        public override void OnPacket(VmBusChannel channel, in RingPacket packet)
        {
        }
    }

    private sealed class QuietRequest : ChannelRequest
    {
        public int Completions { get; private set; }

        public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload) => Completions++;
    }
}
