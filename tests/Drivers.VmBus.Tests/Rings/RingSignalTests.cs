using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Testing;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Rings;

/// <summary>When somebody is signalled, and when not (protocol 2.8).</summary>
public sealed class RingSignalTests
{
    [Fact]
    public void A_masked_consumer_is_not_signalled()
    {
        using var rings = new RingPair();
        rings.HostReader.IsMasked = true;
        rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out var signal);
        Assert.False(signal);
        Assert.NotNull(rings.HostReader.TryRead(out _));
        rings.HostReader.IsMasked = false;
        rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out signal);
        Assert.True(signal);
        rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out signal);
        Assert.False(signal);
    }

    [Fact]
    public void Unmasking_tells_what_arrived_meanwhile()
    {
        using var rings = new RingPair();
        rings.Reader.Mask();
        Assert.Equal(1u, rings.Inbound.Mask);
        Assert.True(rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 1, default, [1], out var signal));
        Assert.False(signal);
        Assert.True(rings.Reader.Unmask());
        Assert.Equal(0u, rings.Inbound.Mask);
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(new byte[64], out _));
        Assert.False(rings.Reader.Unmask());
    }

    [Fact]
    public void The_ring_is_never_filled_completely()
    {
        using var rings = new RingPair();
        Assert.Equal(4096 - 16, rings.Writer.LargestPacket);
        Assert.Equal(RingWriteResult.TooLarge, rings.Writer.TryWriteInBand(new byte[4096 - 24 - 7], default, 1, PacketFlags.None, out _));
        Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteInBand(new byte[4096 - 32], default, 1, PacketFlags.None, out _));
        Assert.Equal(RingWriteResult.Full, rings.Writer.TryWriteInBand(default, default, 1, PacketFlags.None, out _));
        Assert.NotNull(rings.HostReader.TryRead(out _));
        Assert.Null(rings.HostReader.TryRead(out _));
    }

    [Fact]
    public void A_producer_without_space_announces_what_it_needs_and_is_woken()
    {
        using var rings = new RingPair();
        for (var i = 0; i < 3; i++)
            Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteInBand(new byte[1000], default, 1, PacketFlags.None, out _));
        Assert.Equal(RingWriteResult.Full, rings.Writer.TryWriteInBand(new byte[1500], default, 1, PacketFlags.None, out _));
        var length = RingWriter.InBandLength(1500);
        Assert.Equal(16 + 1504, length);
        Assert.False(rings.Writer.AwaitSpace(length));
        Assert.Equal((uint)length + 8, rings.Outbound.Pending);
        Assert.NotNull(rings.HostReader.TryRead(out var signal));
        Assert.True(signal);
        Assert.NotNull(rings.HostReader.TryRead(out signal));
        Assert.False(signal);
        Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteInBand(new byte[1500], default, 1, PacketFlags.None, out _));
        Assert.Equal(0u, rings.Outbound.Pending);
    }

    [Fact]
    public void Space_that_appears_before_the_announcement_is_seen()
    {
        using var rings = new RingPair();
        rings.Writer.TryWriteInBand(new byte[3000], default, 1, PacketFlags.None, out _);
        rings.HostReader.TryRead(out _);
        Assert.True(rings.Writer.AwaitSpace(RingWriter.InBandLength(3000)));
        rings.Writer.CancelPending();
        Assert.Equal(0u, rings.Outbound.Pending);
    }

    [Fact]
    public void The_host_is_not_woken_when_it_does_not_serve_the_pending_size()
    {
        using var rings = new RingPair();
        while (rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 1, default, new byte[500], out _))
        {
        }

        Assert.NotEqual(0u, rings.Inbound.Pending);
        rings.Inbound.Features = 0;
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(new byte[4096], out _));
        Assert.False(rings.Reader.Commit());
        rings.Inbound.Features = 1;
        Assert.False(rings.Reader.Commit());
    }

    [Fact]
    public void Both_rings_say_that_they_serve_the_pending_size()
    {
        using var rings = new RingPair();
        Assert.Equal((1u, 1u), (rings.Inbound.Features, rings.Outbound.Features));
    }

    [Fact]
    public void The_hot_paths_allocate_nothing()
    {
        using var rings = new RingPair(dataPages: 4);
        var buffer = new byte[4096];
        var payload = new byte[512];
        PageBuffer[] pages = [new(1, 0, 4096), new(2, 0, 4096)];
        var inbound = new byte[] { 6, 0, 2, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0 };
        var packets = 0;
        var rounds = 0;
        Rounds(200);
        Assert.Equal(0, Allocations.Least(() => Rounds(800)));
        Assert.Equal(rounds, packets);

        void Rounds(int count)
        {
            for (var end = rounds + count; rounds < end; rounds++)
            {
                rings.Writer.TryWriteInBand(payload, payload, 1, PacketFlags.CompletionRequested, out _);
                rings.Writer.TryWritePages(pages, payload, default, 1, PacketFlags.CompletionRequested, out _);
                rings.Outbound.Out = rings.Outbound.In;
                rings.HostWriter.WriteRaw(inbound);
                rings.HostWriter.Publish((rings.HostWriter.Index + 40) % rings.Inbound.Size);
                rings.Reader.Mask();
                while (rings.Reader.TryRead(buffer, out var packet) == RingReadResult.Packet)
                    packets += packet.Payload.Length / 16;
                rings.Reader.Commit();
                rings.Reader.Unmask();
            }
        }
    }
}
