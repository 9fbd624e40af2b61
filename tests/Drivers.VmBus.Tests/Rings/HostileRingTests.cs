using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Sandbox.VmBus.Rings;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Rings;

/// <summary>Rules R1 to R6 and R10 of the protocol's 10.3.</summary>
public sealed class HostileRingTests
{
    [Theory]
    [InlineData(4096u)]
    [InlineData(4104u)]
    [InlineData(0xFFFF_FFF8u)]
    [InlineData(4u)]
    [InlineData(41u)]
    public void R1_an_impossible_write_index_ends_reading(uint index)
    {
        using var rings = new RingPair();
        rings.HostWriter.Publish(index);
        Assert.Equal(RingReadResult.Broken, rings.Reader.TryRead(new byte[4096], out _));
        Assert.NotNull(rings.Reader.BrokenBecause);
        rings.HostWriter.Publish(0);
        Assert.Equal(RingReadResult.Broken, rings.Reader.TryRead(new byte[4096], out _));
        Assert.False(rings.Reader.Unmask());
    }

    [Theory]
    [InlineData(4096u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(12u)]
    public void R1_an_impossible_read_index_ends_writing(uint index)
    {
        using var rings = new RingPair();
        rings.Outbound.Out = index;
        Assert.Equal(RingWriteResult.Broken, rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out var signal));
        Assert.False(signal);
        rings.Outbound.Out = 0;
        Assert.Equal(RingWriteResult.Broken, rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out _));
        Assert.True(rings.Writer.AwaitSpace(16));
        Assert.False(rings.Writer.HasSpace(16));
    }

    [Fact]
    public void R2_own_indices_are_never_read_back()
    {
        using var rings = new RingPair();
        rings.Writer.TryWriteInBand(new byte[40], default, 1, PacketFlags.None, out _);
        rings.Outbound.In = 0x800;
        rings.Writer.TryWriteInBand(new byte[40], default, 2, PacketFlags.None, out _);
        Assert.Equal(0x80u, rings.Outbound.In);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 1, default, new byte[40], out _);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 2, default, new byte[40], out _);
        var buffer = new byte[4096];
        rings.Reader.TryRead(buffer, out _);
        rings.Reader.Commit();
        rings.Inbound.Out = 0x700;
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(buffer, out var packet));
        Assert.Equal(2UL, packet.TransactionId);
        rings.Reader.Commit();
        Assert.Equal(0x80u, rings.Inbound.Out);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(4, 3)]
    [InlineData(0xFFFF, 0xFFFF)]
    [InlineData(2, 0xFFFF)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 5)]
    public void R3_impossible_lengths_end_reading(int offset8, int length8)
    {
        using var rings = new RingPair();
        var bytes = HostRingWriter.Encode(PacketType.InBand, PacketFlags.None, 1, default, new byte[16], 0);
        BitConverter.TryWriteBytes(bytes.AsSpan(2), (ushort)offset8);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), (ushort)length8);
        rings.HostWriter.WriteRaw(bytes);
        rings.HostWriter.Publish((uint)bytes.Length);
        Assert.Equal(RingReadResult.Broken, rings.Reader.TryRead(new byte[4096], out _));
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(16u)]
    public void R3_less_than_a_header_ends_reading(uint used)
    {
        using var rings = new RingPair();
        rings.HostWriter.Publish(used);
        Assert.Equal(RingReadResult.Broken, rings.Reader.TryRead(new byte[4096], out _));
    }

    [Theory]
    [InlineData(PacketType.Invalid)]
    [InlineData(PacketType.GpaDirect)]
    [InlineData(PacketType.AdditionalData)]
    [InlineData((PacketType)31)]
    [InlineData((PacketType)38)]
    [InlineData((PacketType)0xFFFF)]
    public void R4_other_types_are_dropped_and_reading_goes_on(PacketType type)
    {
        using var rings = new RingPair();
        rings.HostWriter.TryWrite(type, PacketFlags.None, 1, default, new byte[8], out _);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 2, default, new byte[8], out _);
        AssertDroppedThenRead(rings, new byte[4096]);
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(8, 1u)]
    [InlineData(16, 2u)]
    [InlineData(16, 0xFFFFu)]
    [InlineData(16, 0x2000_0001u)]
    [InlineData(16, 0xFFFF_FFFFu)]
    public void R4_transfer_pages_without_room_for_their_ranges_are_dropped(int descriptor, uint count)
    {
        using var rings = new RingPair();
        var bytes = new byte[descriptor];
        if (descriptor >= 8)
            BitConverter.TryWriteBytes(bytes.AsSpan(4), count);
        rings.HostWriter.TryWrite(PacketType.TransferPages, PacketFlags.None, 1, bytes, new byte[64], out _);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 2, default, new byte[8], out _);
        AssertDroppedThenRead(rings, new byte[4096]);
    }

    [Fact]
    public void R4_a_set_has_so_many_ranges_at_most()
    {
        using var rings = new RingPair(dataPages: 4);
        var bytes = new byte[8 + (8 * (RingReader.MostRanges + 1))];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), RingReader.MostRanges + 1);
        rings.HostWriter.TryWrite(PacketType.TransferPages, PacketFlags.None, 1, bytes, new byte[8], out _);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 2, default, new byte[8], out _);
        AssertDroppedThenRead(rings, new byte[16384]);
    }

    [Fact]
    public void R5_a_packet_larger_than_the_buffer_is_dropped_whole()
    {
        using var rings = new RingPair();
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 1, default, new byte[64], out _);
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 2, default, new byte[8], out _);
        AssertDroppedThenRead(rings, new byte[64]);
    }

    [Theory]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(3u)]
    [InlineData(4096u)]
    public void R6_any_pending_size_is_only_a_number(uint pending)
    {
        using var rings = new RingPair();
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 1, default, new byte[64], out _);
        rings.Reader.TryRead(new byte[4096], out _);
        rings.Inbound.Pending = pending;
        Assert.False(rings.Reader.Commit());
    }

    [Fact]
    public void A_packet_that_was_read_does_not_change_with_the_ring()
    {
        using var rings = new RingPair();
        rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, 7, default, [1, 2, 3, 4, 5, 6, 7, 8], out _);
        rings.Reader.TryRead(new byte[4096], out var packet);
        rings.Inbound.Write(0, Enumerable.Repeat((byte)0xFF, 40).ToArray());
        Assert.Equal(7UL, packet.TransactionId);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], packet.Payload.ToArray());
    }

    [Fact]
    public async Task A_host_that_rewrites_everything_while_the_guest_reads_finds_nothing_that_throws()
    {
        using var rings = new RingPair();
        using var stop = new CancellationTokenSource();
        var mutator = Task.Factory.StartNew(
            () =>
            {
                var random = new Random(3);
                var noise = new byte[64];
                while (!stop.IsCancellationRequested)
                {
                    random.NextBytes(noise);
                    noise[0] = (byte)random.Next(5, 12);
                    noise[1] = 0;
                    rings.Inbound.Write((uint)random.Next(64) * 8, noise.AsSpan(0, 8));
                    rings.Inbound.In = (uint)random.Next(600) * 8;
                    rings.Inbound.Pending = (uint)random.Next();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var buffer = new byte[512];
        var results = new int[4];
        for (var i = 0; i < 20000; i++)
        {
            // A ring that broke is made anew; the memory stays the same.
            var reader = rings.NewReader();
            for (var k = 0; k < 8; k++)
            {
                var result = reader.TryRead(buffer, out var packet);
                results[(int)result]++;
                if (result == RingReadResult.Broken)
                    break;
                Assert.InRange(packet.Payload.Length, 0, buffer.Length - 16);
                Assert.InRange(packet.TransferRanges.Length, 0, RingReader.MostRanges);
                reader.Commit();
            }
        }

        await stop.CancelAsync();
        await mutator;
        Assert.True(results[(int)RingReadResult.Broken] > 0);
    }

    private static void AssertDroppedThenRead(RingPair rings, byte[] buffer)
    {
        Assert.Equal(RingReadResult.Dropped, rings.Reader.TryRead(buffer, out _));
        Assert.Equal(1, rings.Reader.Dropped);
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(buffer, out var packet));
        Assert.Equal(2UL, packet.TransactionId);
    }
}
