using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Requests, their slots and their ends: rules R8 and R9.</summary>
public sealed class RequestTests
{
    [Fact]
    public void Requests_carry_slots_and_a_slot_never_names_two_requests()
    {
        using var bus = SingleChannel.Open(out var channel, out _, out var host, options => options with { MostRequests = 2 });
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
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { MostRequests = 2 });
        var request = new TestRequest();
        channel.TrySendRequest(request, [1]);
        host.Write(PacketType.Completion, id, [1]);
        bus.Settle();
        Assert.Equal((1L, true, 0), (channel.Counters.StrayCompletions, request.IsOutstanding, handler.Packets.Count));
    }

    [Fact]
    public void R9_a_request_that_was_given_up_keeps_its_slot_until_the_completion_comes()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { MostRequests = 1 });
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
        using var bus = SingleChannel.Open(out var channel, out _, out var host);
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
        using var bus = SingleChannel.Open(out var channel, out _, out var host);
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
}
