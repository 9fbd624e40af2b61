using FsCheck;
using FsCheck.Fluent;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Rings;

/// <summary>Whatever the order of sizes and of reads and writes, what goes in comes out, and nobody waits for a signal that never comes.</summary>
public sealed class RingPropertyTests
{
    private static readonly Arbitrary<(int Size, bool Writes)[]> Steps = Gen.Choose(0, 1800)
        .SelectMany(size => Gen.Choose(0, 2).Select(kind => (size, kind != 0)))
        .ArrayOf(400)
        .ToArbitrary();

    [Fact]
    public void Guest_to_host_keeps_every_byte_and_signals_exactly_when_the_ring_was_empty() =>
        Prop.ForAll(Steps, steps =>
        {
            using var rings = new RingPair();
            var waiting = new Queue<byte[]>();
            ulong id = 1;
            foreach (var (size, writes) in steps)
            {
                if (writes)
                {
                    var payload = Payload(size, id);
                    var fits = Fits(rings.Outbound.Size, waiting, size);
                    var result = rings.Writer.TryWriteInBand(payload.AsSpan(0, size / 2), payload.AsSpan(size / 2), id, PacketFlags.None, out var signal);
                    Assert.Equal(fits ? RingWriteResult.Written : RingWriteResult.Full, result);
                    Assert.Equal(fits && waiting.Count == 0, signal);
                    if (fits)
                        waiting.Enqueue(payload);
                    id++;
                }
                else
                {
                    var packet = rings.HostReader.TryRead(out _);
                    Assert.Equal(waiting.Count > 0, packet is not null);
                    if (packet is not null)
                        Assert.Equal(Padded(waiting.Dequeue()), packet.Payload);
                }
            }

            Assert.Null(rings.HostReader.Violation);
            Assert.False(rings.Writer.IsBroken);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Host_to_guest_keeps_every_byte_and_the_blocked_host_is_woken_exactly_when_its_packet_fits() =>
        Prop.ForAll(Steps, steps =>
        {
            using var rings = new RingPair();
            var buffer = new byte[4096];
            var waiting = new Queue<byte[]>();
            byte[]? blocked = null;
            ulong id = 1;
            foreach (var (size, writes) in steps)
            {
                if (writes)
                {
                    if (blocked is not null)
                        continue;
                    var payload = Payload(size, id);
                    if (rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, id++, default, payload, out var signal))
                    {
                        Assert.Equal(waiting.Count == 0, signal);
                        waiting.Enqueue(payload);
                    }
                    else
                    {
                        blocked = payload;
                    }

                    continue;
                }

                var result = rings.Reader.TryRead(buffer, out var packet);
                Assert.Equal(waiting.Count > 0 ? RingReadResult.Packet : RingReadResult.Empty, result);
                if (result == RingReadResult.Packet)
                    Assert.Equal(Padded(waiting.Dequeue()), packet.Payload.ToArray());
                var wake = rings.Reader.Commit();
                if (blocked is null)
                {
                    Assert.False(wake);
                    continue;
                }

                Assert.Equal(wake, Fits(rings.Inbound.Size, waiting, blocked.Length));
                if (!wake)
                    continue;
                Assert.True(rings.HostWriter.TryWrite(PacketType.InBand, PacketFlags.None, id++, default, blocked, out _));
                waiting.Enqueue(blocked);
                blocked = null;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_in_the_ring_and_any_index_never_throw_and_never_leave_the_buffer() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(600).Two().ToArbitrary(), input =>
        {
            using var rings = new RingPair();
            var buffer = new byte[256];
            var (bytes, more) = input;
            rings.HostWriter.WriteRaw(bytes);
            var index = more.Length >= 2 ? (uint)((more[0] << 8) | more[1]) : 8;
            rings.HostWriter.Publish(more.Length > 2 && more[2] < 200 ? index & 0xFF8 : index);
            for (var i = 0; i < 100; i++)
            {
                var result = rings.Reader.TryRead(buffer, out var packet);
                if (result == RingReadResult.Packet)
                {
                    Assert.InRange(packet.Payload.Length, 0, buffer.Length - 16);
                    Assert.InRange(packet.TransferRanges.Length, 0, RingReader.MostRanges);
                }

                rings.Reader.Commit();
                if (result is RingReadResult.Empty or RingReadResult.Broken)
                    break;
                Assert.InRange(i, 0, 98);
            }
        }).QuickCheckThrowOnFailure();

    private static bool Fits(uint size, IEnumerable<byte[]> waiting, int payload) =>
        24 + ((payload + 7) / 8 * 8) < size - waiting.Sum(one => 24 + ((one.Length + 7) / 8 * 8));

    private static byte[] Payload(int size, ulong id)
    {
        var payload = new byte[size];
        new Random((int)id).NextBytes(payload);
        return payload;
    }

    private static byte[] Padded(byte[] payload) => [.. payload, .. new byte[-payload.Length & 7]];
}
