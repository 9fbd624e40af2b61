using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>What goes on for every packet allocates nothing.</summary>
public sealed class HotPathTests
{
    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        using var bus = SingleChannel.Open(out var channel, out _, out var host, options => options with { Handler = new QuietHandler() });
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
        using var bus = SingleChannel.Open(out var channel, out _, out var host, options => options with { SendRingSize = 8192, Handler = new QuietHandler() });
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
