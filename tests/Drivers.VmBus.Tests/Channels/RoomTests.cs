using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Waiting for room in the ring.</summary>
public sealed class RoomTests
{
    [Fact]
    public void Those_who_wait_for_room_are_served_in_order_and_the_host_is_told_what_they_need()
    {
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
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
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
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
        using var bus = SingleChannel.Open(out var channel, out var handler, out var host, options => options with { SendRingSize = 8192 });
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
        using var bus = SingleChannel.Open(out var channel, out _, out var host, options => options with { SendRingSize = 8192 });
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
}
