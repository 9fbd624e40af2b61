using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Channels whose interrupts move to another processor.</summary>
public sealed class MoveTests
{
    private static readonly VmBusOptions Quick = new() { AnswerTimeout = TimeSpan.FromSeconds(2) };

    [Theory]
    [InlineData("4.0")]
    [InlineData("4.1")]
    [InlineData("5.3")]
    public void Interrupts_move_to_another_processor_where_the_version_can(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        using var bus = new BusFixture(version, Quick, processors: 2, vpIndexOf: processor => (uint)(processor + 10));
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        var handler = new TestHandler();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler, Processor = 1 }));
        var host = bus.Host.Channels[1];
        Assert.Equal((11u, 1), (host.TargetVp, channel.Processor));
        var moved = bus.Run(channel.MoveToAsync(0));
        Assert.Equal((version >= VmBusVersion.V4_1, moved ? 10u : 11u, moved ? 0 : 1), (moved, host.TargetVp, channel.Processor));
        // The old processor's interrupts are still taken.
        host.TargetVp = 11;
        host.Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Single(handler.Packets);
    }

    [Fact]
    public void One_move_at_a_time_and_none_after_one_that_was_not_answered()
    {
        using var bus = new BusFixture(VmBusVersion.V5_3, Quick, processors: 3);
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Silent.Add(MessageType.ModifyChannel);
        var first = channel.MoveToAsync(1).AsTask();
        var second = channel.MoveToAsync(2).AsTask();
        bus.Settle();
        Assert.Single(bus.Host.Types, MessageType.ModifyChannel);
        var answer = new ModifyChannelResponse { Header = new MessageHeader { Type = MessageType.ModifyChannelResponse }, RelId = new RelId(1) };
        bus.Host.Send(answer);
        bus.Run(first);
        bus.Settle();
        Assert.Equal((2, 1), (bus.Host.Types.Count(type => type == MessageType.ModifyChannel), channel.Processor));
        Assert.Equal(VmBusErrorKind.TimedOut, Assert.Throws<VmBusException>(() => bus.Run(second)).Kind);
        Assert.Equal(VmBusErrorKind.TimedOut, bus.Fails(channel.MoveToAsync(0)).Kind);
        bus.Host.Send(answer);
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.LateAnswers);
        bus.Host.Send(answer);
        bus.Settle();
        Assert.Equal(2, bus.Bus.Counters.LateAnswers);
        answer.Status = 5;
        var third = channel.MoveToAsync(0).AsTask();
        bus.Host.Send(answer);
        bus.Settle();
        Assert.Equal(VmBusErrorKind.Refused, Assert.Throws<VmBusException>(() => bus.Run(third)).Kind);
        bus.Run(channel.CloseAsync());
        Assert.Equal(VmBusErrorKind.WrongState, bus.Fails(channel.MoveToAsync(0)).Kind);
    }

    [Theory]
    [InlineData(CallStatus.InvalidConnectionId, VmBusErrorKind.Disconnected)]
    [InlineData(CallStatus.InsufficientBuffers, VmBusErrorKind.TimedOut)]
    public void A_move_that_cannot_be_posted_fails_and_the_next_one_is_tried(CallStatus status, VmBusErrorKind kind)
    {
        using var bus = new BusFixture(VmBusVersion.V5_3, Quick, processors: 3);
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Machine.Model.Hypercalls.Intercept = code => code == CallCode.PostMessage ? status : null;
        Assert.Equal(kind, bus.Fails(channel.MoveToAsync(1)).Kind);

        // Where the host has no buffers the message is given up only after the move was.
        bus.Advance(10);
        bus.Machine.Model.Hypercalls.Intercept = null;
        Assert.True(bus.Run(channel.MoveToAsync(2)));
        Assert.Equal((2, 2u, 0), (channel.Processor, bus.Host.Channels[1].TargetVp, bus.Bus.Counters.LateAnswers));
    }

    [Theory]
    [InlineData(true, VmBusErrorKind.Rescinded)]
    [InlineData(false, VmBusErrorKind.WrongState)]
    public void Moves_end_with_their_channel(bool isRescinded, VmBusErrorKind kind)
    {
        using var bus = new BusFixture(VmBusVersion.V5_3, Quick, processors: 3);
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Silent.Add(MessageType.ModifyChannel);
        Task[] moves = [channel.MoveToAsync(1).AsTask(), channel.MoveToAsync(2).AsTask()];
        bus.Settle();
        if (isRescinded)
            bus.Host.Rescind(1);
        else
            bus.Run(channel.CloseAsync());
        foreach (var move in moves)
            Assert.Equal(kind, Assert.Throws<VmBusException>(() => bus.Run(move)).Kind);
    }
}
