using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Machine;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Opening, closing, shared memory, and a rescind at each of their steps: rules V4, V10 and V12.</summary>
public sealed class OpenCloseTests
{
    private static readonly VmBusOptions Quick = new() { AnswerTimeout = TimeSpan.FromSeconds(2), UnloadTimeout = TimeSpan.FromSeconds(5) };

    public static TheoryData<string> Versions => [.. VmBusVersion.All.Select(version => version.ToString())];

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_channel_is_opened_talks_and_is_closed_at_every_version(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        using var bus = Connect(version);
        var handler = new TestHandler();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler, UserData = new byte[] { 1, 2, 3 } }));
        Assert.Equal(ChannelStatus.Open, channel.Status);
        var host = bus.Host.Channels[1];
        var open = host.Opened!.Value;
        Assert.Equal((4u, 1u, (byte)3), (open.DownstreamPage, open.RelId.Value, open.UserData[2]));
        bus.Machine.Model.Hypercalls.EventPorts.TryAdd(2, _ => host.CompleteAll());
        host.Signalled = one => one.CompleteAll();
        var answer = new byte[8];
        Assert.Equal(8, bus.Run(channel.RequestAsync(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, answer, TimeSpan.FromSeconds(1))));
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], answer);
        Assert.True(host.Write(PacketType.InBand, 0, [9]));
        bus.Settle();
        Assert.Equal(9, Assert.Single(handler.Packets).Payload[0]);
        bus.Run(channel.CloseAsync());
        Assert.Equal((ChannelStatus.Closed, 3), (channel.Status, bus.PagesInUse));
        Assert.Equal([ChannelEnd.Closed], handler.Ends);
        Assert.Equal([MessageType.CloseChannel, MessageType.GpadlTeardown], bus.Host.Types.TakeLast(2));
        Assert.Equal(SendResult.Closed, channel.TrySend([1]));
    }

    [Fact]
    public void A_channel_can_be_opened_again_and_again()
    {
        using var bus = Connect();
        var handler = new TestHandler();
        for (var i = 0; i < 3; i++)
        {
            bus.Run(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
            Assert.Equal(VmBusErrorKind.WrongState, bus.Fails(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler })).Kind);
            bus.Run(bus[1].Channel.CloseAsync());
            bus.Run(bus[1].Channel.CloseAsync());
        }

        Assert.Equal((3, 3), (handler.Ends.Count, bus.PagesInUse));
    }

    [Fact]
    public void A_large_buffer_is_shared_by_a_header_and_bodies()
    {
        using var bus = Connect();
        bus.Run(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Received.Clear();
        var buffer = bus.Machine.Memory.Allocate(100 * 4096, DmaConstraints.None);
        var gpadl = bus.Run(bus[1].Channel.CreateGpadlAsync(buffer));
        Assert.Equal([MessageType.GpadlHeader, MessageType.GpadlBody, MessageType.GpadlBody, MessageType.GpadlBody], bus.Host.Types);
        Assert.Equal([236, 240, 240, 16 + (8 * 18)], bus.Host.Received.Select(message => message.Message.Length));
        var first = buffer.PhysicalAddress.Value / 4096;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => first + (ulong)i), bus.Host.Gpadls[gpadl.Id.Value].Frames);
        Assert.Equal(100 * 4096, gpadl.Length);
        Assert.Equal(GpadlEnd.Free, bus.Run(gpadl.TeardownAsync()));
        Assert.Equal(GpadlEnd.Free, bus.Run(gpadl.TeardownAsync()));
        Assert.Single(bus.Host.Types, MessageType.GpadlTeardown);
        buffer.Dispose();
        Assert.Throws<ArgumentException>(() => bus.Run(bus[1].Channel.CreateGpadlAsync(new ulong[8191])));
        Assert.Throws<ArgumentException>(() => bus.Run(bus[1].Channel.CreateGpadlAsync(default(ReadOnlyMemory<ulong>))));
    }

    [Fact]
    public void The_message_of_a_GPADL_is_the_one_of_the_protocol_byte_for_byte()
    {
        using var bus = Connect();
        bus.Host.Silent.Add(MessageType.GpadlHeader);
        _ = bus[1].Channel.CreateGpadlAsync(new ulong[] { 0x1A2B0, 0x1A2B1, 0x0FFF3 }).AsTask();
        bus.Settle();
        var expected = Hex.Parse("""
            08 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00
            20 00 01 00 00 30 00 00 00 00 00 00 b0 a2 01 00
            00 00 00 00 b1 a2 01 00 00 00 00 00 f3 ff 00 00
            00 00 00 00
            """);
        Assert.Equal(expected, bus.Host.Received[^1].Message);
    }

    [Fact]
    public void A_refused_GPADL_and_a_refused_opening_cost_nothing()
    {
        using var bus = Connect();
        var handler = new TestHandler();
        bus.Host.Instead[MessageType.GpadlHeader] = message => bus.Host.Send(new GpadlCreated
        {
            Header = new MessageHeader { Type = MessageType.GpadlCreated },
            RelId = new RelId(1),
            Gpadl = MemoryMarshal.Read<GpadlHeader>(message).Gpadl,
            Status = 0xC000_0001,
        });
        var failure = bus.Fails(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        Assert.Equal((VmBusErrorKind.Refused, 3), (failure.Kind, bus.PagesInUse));
        bus.Host.Instead.Clear();
        // QEMU's host wants two pages each way.
        bus.Host.Instead[MessageType.OpenChannel] = message => bus.Host.Send(new OpenChannelResult
        {
            Header = new MessageHeader { Type = MessageType.OpenChannelResult },
            RelId = new RelId(1),
            OpenId = MemoryMarshal.Read<OpenChannel>(message).OpenId,
            Status = 0x8000_FFFF,
        });
        failure = bus.Fails(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        Assert.Equal((VmBusErrorKind.Refused, 3), (failure.Kind, bus.PagesInUse));
        Assert.Contains("8000ffff", failure.Message, StringComparison.Ordinal);
        Assert.Equal((ChannelStatus.Closed, 0), (bus[1].Channel.Status, handler.Ends.Count));
        Assert.DoesNotContain(MessageType.CloseChannel, bus.Host.Types);
        bus.Host.Instead.Clear();
        bus.Run(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
    }

    [Theory]
    [InlineData(MessageType.GpadlHeader)]
    [InlineData(MessageType.OpenChannel)]
    public void V12_an_opening_that_is_not_answered_keeps_its_memory_from_use_until_the_host_says_so(MessageType step)
    {
        using var bus = Connect();
        bus.Host.Silent.Add(step);
        var failure = bus.Fails(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        Assert.Equal(VmBusErrorKind.TimedOut, failure.Kind);
        Assert.Equal(2, bus.Machine.Clock.Elapsed.TotalSeconds);
        if (step == MessageType.GpadlHeader)
        {
            Assert.Equal((8 * 4096L, 3 + 8), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse));
            // The answer comes after all: the memory is taken back.
            bus.Host.Answer(bus.Host.Received.Last(message => message.Message[0] == (byte)MessageType.GpadlHeader).Message);
        }

        bus.Settle();
        Assert.Equal((0L, 3, ChannelStatus.Closed), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse, bus[1].Channel.Status));
        bus.Host.Silent.Clear();
        bus.Run(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
    }

    [Fact]
    public void V4_a_late_result_of_an_opening_that_was_given_up_is_dropped()
    {
        using var bus = Connect();
        using var source = new CancellationTokenSource();
        byte[]? open = null;
        bus.Host.Instead[MessageType.OpenChannel] = message => open = message;
        var task = bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }, source.Token).AsTask();
        bus.Settle();
        Assert.Equal(ChannelStatus.Opening, bus[1].Channel.Status);
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(task)).Kind);
        bus.Settle();
        Assert.Equal([MessageType.CloseChannel, MessageType.GpadlTeardown], bus.Host.Types.TakeLast(2));
        bus.Host.Instead.Clear();
        var again = bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }).AsTask();
        bus.Host.Send(new OpenChannelResult
        {
            Header = new MessageHeader { Type = MessageType.OpenChannelResult }, RelId = new RelId(1), OpenId = MemoryMarshal.Read<OpenChannel>(open!).OpenId,
        });
        bus.Run(again);
        bus.Settle();
        Assert.Equal((1L, ChannelStatus.Open), (bus.Bus.Counters.LateAnswers, bus[1].Channel.Status));
    }

    [Fact]
    public void V12_rings_that_the_host_does_not_let_go_are_lost_and_come_back_when_it_does()
    {
        using var bus = Connect();
        var handler = new TestHandler();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        var request = new TestRequest();
        Assert.Equal(SendResult.Sent, channel.TrySendRequest(request, [1]));
        var abandoned = new TestRequest();
        channel.TrySendRequest(abandoned, [1]);
        Assert.True(channel.TryAbandon(abandoned));
        bus.Host.Silent.Add(MessageType.GpadlTeardown);
        bus.Run(channel.CloseAsync());
        Assert.Equal((ChannelStatus.Closed, 8 * 4096L, 3 + 8), (channel.Status, bus.Bus.Counters.LeakedBytes, bus.PagesInUse));
        Assert.Equal(RequestStatus.Lost, Assert.Single(request.Completions).Status);
        Assert.Equal(0, abandoned.Releases);
        bus.Host.Silent.Clear();
        bus.Host.Answer(bus.Host.Received[^1].Message);
        bus.Settle();
        Assert.Equal((0L, 3, 1L), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse, bus.Bus.Counters.LateAnswers));
        bus.Host.Answer(bus.Host.Received[^1].Message);
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.UnknownIds);
    }

    [Fact]
    public void A_buffer_that_the_host_does_not_let_go_is_the_drivers_loss()
    {
        using var bus = Connect();
        var buffer = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        var gpadl = bus.Run(bus[1].Channel.CreateGpadlAsync(buffer));
        bus.Host.Silent.Add(MessageType.GpadlTeardown);
        Assert.Equal(GpadlEnd.Leaked, bus.Run(gpadl.TeardownAsync()));
        bus.Host.Answer(bus.Host.Received[^1].Message);
        bus.Settle();
        Assert.Equal(4096, bus.Bus.Counters.LeakedBytes);
        Assert.Equal(GpadlEnd.Leaked, bus.Run(gpadl.TeardownAsync()));
    }

    [Fact]
    public void Requests_end_when_the_host_has_let_go_of_the_rings_and_not_before()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        var request = new TestRequest();
        var abandoned = new TestRequest();
        channel.TrySendRequest(request, [1]);
        channel.TrySendRequest(abandoned, [1]);
        channel.TryAbandon(abandoned);
        bus.Host.Silent.Add(MessageType.GpadlTeardown);
        var close = channel.CloseAsync().AsTask();
        bus.Settle();
        Assert.Equal(ChannelStatus.Closing, channel.Status);
        Assert.Equal((0, 0), (request.Completions.Count, abandoned.Releases));
        bus.Host.Answer(bus.Host.Received[^1].Message);
        bus.Run(close);
        Assert.Equal(RequestStatus.Closed, Assert.Single(request.Completions).Status);
        Assert.Equal((0, 1), (abandoned.Completions.Count, abandoned.Releases));
        Assert.False(request.IsOutstanding);
    }

    public static TheoryData<string> Steps => ["GpadlHeader", "OpenChannel", "open", "GpadlTeardown", "ending"];

    [Theory]
    [MemberData(nameof(Steps))]
    public void V12_a_rescind_at_any_step_ends_what_is_under_way_and_frees_the_memory(string step)
    {
        using var bus = Connect();
        var handler = new TestHandler();
        var channel = bus[1].Channel;
        Task? open = null;
        if (step is "GpadlHeader" or "OpenChannel")
        {
            bus.Host.Silent.Add(Enum.Parse<MessageType>(step));
            open = channel.OpenAsync(new ChannelOpenOptions { Handler = handler }).AsTask();
        }
        else
        {
            bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        }

        bus.Settle();
        var request = new TestRequest();
        channel.TrySendRequest(request, [1]);
        Task? close = null;
        if (step == "GpadlTeardown")
        {
            bus.Host.Silent.Add(MessageType.GpadlTeardown);
            close = channel.CloseAsync().AsTask();
            bus.Settle();
        }
        else if (step == "ending")
        {
            close = channel.CloseAsync().AsTask();
        }

        bus.Host.Rescind(1);
        if (open is not null)
            Assert.Equal(VmBusErrorKind.Rescinded, Assert.Throws<VmBusException>(() => bus.Run(open)).Kind);
        if (close is not null)
            bus.Run(close);
        bus.Settle();
        Assert.Equal((ChannelStatus.Released, 3, 0L), (channel.Status, bus.PagesInUse, bus.Bus.Counters.LeakedBytes));
        Assert.Equal(MessageType.RelIdReleased, bus.Host.Types.Last());
        if (open is null)
        {
            Assert.Contains(Assert.Single(request.Completions).Status, new[] { RequestStatus.Rescinded, RequestStatus.Closed });
            Assert.Single(handler.Ends);
        }
        else
        {
            Assert.Empty(handler.Ends);
        }

        Assert.Equal(VmBusErrorKind.Rescinded, bus.Fails(channel.OpenAsync(new ChannelOpenOptions { Handler = handler })).Kind);
        Assert.Equal(VmBusErrorKind.Rescinded, bus.Fails(channel.CreateGpadlAsync(new ulong[1])).Kind);
        bus.Run(channel.CloseAsync());
        // Whatever was on its way is late.
        bus.Host.Send(new OpenChannelResult { Header = new MessageHeader { Type = MessageType.OpenChannelResult }, RelId = new RelId(1), OpenId = new OpenId(1) });
        bus.Host.Send(new GpadlTorndown { Header = new MessageHeader { Type = MessageType.GpadlTorndown }, Gpadl = GpadlId.First });
        bus.Settle();
        Assert.Equal(2, bus.Bus.Counters.UnknownIds);
    }

    [Fact]
    public void A_rescind_frees_the_drivers_buffers_too_and_wakes_whoever_waits()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        var buffer = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        var gpadl = bus.Run(channel.CreateGpadlAsync(buffer));
        bus.Host.Silent.UnionWith([MessageType.GpadlHeader, MessageType.GpadlTeardown]);
        var second = channel.CreateGpadlAsync(new ulong[] { 0x7777 }).AsTask();
        var teardown = gpadl.TeardownAsync().AsTask();
        var request = channel.RequestAsync(new byte[8], new byte[8], TimeSpan.FromMinutes(4)).AsTask();
        bus.Settle();
        bus.Host.Rescind(1);
        Assert.Equal(VmBusErrorKind.Rescinded, Assert.Throws<VmBusException>(() => bus.Run(second)).Kind);
        Assert.Equal(VmBusErrorKind.Rescinded, Assert.Throws<VmBusException>(() => bus.Run(request)).Kind);
        bus.Run(teardown);
        Assert.Equal((GpadlEnd.Free, TimeSpan.Zero), (teardown.IsCompleted ? bus.Run(gpadl.TeardownAsync()) : default, bus.Machine.Clock.Elapsed));
        buffer.Dispose();
    }

    [Fact]
    public void A_handler_that_is_busy_is_waited_for_before_the_id_is_released()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        var handler = new TestHandler();
        var seen = new List<ChannelStatus>();
        handler.Packet = (_, _) =>
        {
            // The host takes the channel back while the handler runs; the pump gets to it meanwhile.
            bus.Host.Rescind(1);
            bus.Settle();
            seen.Add(channel.Status);
            Assert.DoesNotContain(MessageType.RelIdReleased, bus.Host.Types);
        };
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        bus.Host.Channels[1].Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Equal([ChannelStatus.Closing], seen);
        Assert.Equal((ChannelStatus.Released, 3), (channel.Status, bus.PagesInUse));
        Assert.Equal([ChannelEnd.Rescinded], handler.Ends);
    }

    [Fact]
    public void Subchannels_are_closed_before_their_primary()
    {
        using var bus = Connect();
        var primary = bus[1].Channel;
        primary.MostSubchannels = 2;
        bus.Run(primary.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.SendOffer(ScriptedHost.Offer(2, subchannel: 1));
        bus.Host.SendOffer(ScriptedHost.Offer(3, subchannel: 2));
        bus.Settle();
        foreach (var subchannel in primary.Subchannels)
            bus.Run(subchannel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Run(primary.CloseAsync());
        var closed = bus.Host.Received.Where(message => message.Message[0] == (byte)MessageType.CloseChannel).Select(message => message.Message[8]).ToArray();
        Assert.Equal(3, closed.Length);
        Assert.Equal(1, closed[^1]);
        Assert.All(primary.Subchannels, subchannel => Assert.Equal(ChannelStatus.Closed, subchannel.Status));
        Assert.Equal(3, bus.PagesInUse);
    }

    [Fact]
    public void A_rescinded_subchannel_is_released_when_its_driver_has_closed_it()
    {
        using var bus = Connect();
        var primary = bus[1].Channel;
        primary.MostSubchannels = 1;
        bus.Host.SendOffer(ScriptedHost.Offer(2, subchannel: 1));
        bus.Settle();
        var subchannel = primary.Subchannels[0];
        bus.Run(subchannel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Rescind(2);
        bus.Settle();
        Assert.Equal(ChannelStatus.Rescinded, subchannel.Status);
        Assert.DoesNotContain(MessageType.RelIdReleased, bus.Host.Types);
        bus.Run(subchannel.CloseAsync());
        bus.Settle();
        Assert.Equal((ChannelStatus.Released, MessageType.RelIdReleased), (subchannel.Status, bus.Host.Types.Last()));
        Assert.Equal(ChannelStatus.Closed, primary.Status);
        bus.Host.SendOffer(ScriptedHost.Offer(2, subchannel: 1));
        bus.Settle();
        Assert.NotSame(subchannel, Assert.Single(primary.Subchannels));
    }

    [Theory]
    [InlineData(4096, 8192)]
    [InlineData(8192, 4096)]
    [InlineData(8192, 8193)]
    public void Rings_that_cannot_be_are_not_tried(int send, int receive)
    {
        using var bus = Connect();
        Assert.Throws<ArgumentOutOfRangeException>(() => bus.Run(bus[1].Channel.OpenAsync(
            new ChannelOpenOptions { Handler = new TestHandler(), SendRingSize = send, ReceiveRingSize = receive })));
        Assert.DoesNotContain(MessageType.GpadlHeader, bus.Host.Types);
    }

    [Fact]
    public void A_handler_that_throws_at_its_end_is_reported_and_the_channel_closed_all_the_same()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new ThrowingHandler() }));
        bus.Run(channel.CloseAsync());
        Assert.Contains(bus.Machine.Log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("threw at its end: mine", StringComparison.Ordinal));
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        Assert.Equal(ChannelStatus.Open, channel.Status);
    }

    private sealed class ThrowingHandler : ChannelHandler
    {
        public override void OnPacket(VmBusChannel channel, in RingPacket packet)
        {
        }

        public override void OnEnd(VmBusChannel channel, ChannelEnd reason) => throw new InvalidOperationException("mine");
    }

    private static BusFixture Connect(VmBusVersion? version = null)
    {
        var bus = new BusFixture(version, Quick);
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        return bus;
    }
}
