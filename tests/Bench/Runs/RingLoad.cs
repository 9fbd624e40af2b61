using System.Diagnostics;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Bench.Runs;

/// <summary>
/// The driver's producer and consumer on the two ends of one ring, and copies of the same bytes. The ring is filled and drained in turns, and
/// after each turn the copies do the same to their buffer, so that noise and caches weigh on both alike.
/// </summary>
internal sealed class RingLoad : IDisposable
{
    /// <summary>As the storage and network drivers have it, control page included.</summary>
    public const int RingSize = 128 * 1024;

    private readonly byte[] _payload;
    private readonly byte[] _received;
    private readonly byte[] _copies;
    private readonly byte[] _copied;
    private readonly DmaBuffer _memory;
    private readonly RingWriter _writer;
    private readonly RingReader _reader;

    /// <summary>A new ring.</summary>
    /// <param name="length">Payload of each packet in bytes.</param>
    public RingLoad(int length)
    {
        var memory = new SimulatedMemory(new Random(1));
        _memory = memory.Allocate(RingSize, DmaConstraints.None);
        var ring = new RingMemory(memory, _memory, 0, RingSize);
        _writer = new RingWriter(ring);
        _reader = new RingReader(ring, PacketTypes.InBand);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RingWriter.InBandLength(length), _writer.LargestPacket, nameof(length));
        _payload = new byte[length];
        new Random(1).NextBytes(_payload);
        _received = new byte[RingWriter.InBandLength(length)];
        _copies = new byte[ring.DataSize];
        _copied = new byte[length];
        _reader.Mask();
    }

    /// <summary>The last packet that came out of the ring.</summary>
    public ReadOnlySpan<byte> Received => _received;

    /// <summary>What is sent.</summary>
    public ReadOnlySpan<byte> Payload => _payload;

    /// <summary>At least so many packets through the ring; whole turns.</summary>
    public RingSample Run(int packets)
    {
        long send = 0, receive = 0, copyIn = 0, copyOut = 0, done = 0;
        var place = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        while (done < packets)
        {
            var start = Stopwatch.GetTimestamp();
            var sent = Fill();
            var filled = Stopwatch.GetTimestamp();
            var received = Drain();
            var drained = Stopwatch.GetTimestamp();
            if (sent == 0 || received != sent)
                throw new InvalidOperationException($"{sent} packets went into the ring, {received} came out.");
            CopyIn(sent, place);
            var copiedIn = Stopwatch.GetTimestamp();
            place = CopyOut(sent, place);
            var copiedOut = Stopwatch.GetTimestamp();
            send += filled - start;
            receive += drained - filled;
            copyIn += copiedIn - drained;
            copyOut += copiedOut - copiedIn;
            done += sent;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new RingSample(Nanoseconds(send), Nanoseconds(receive), Nanoseconds(copyIn), Nanoseconds(copyOut), (double)allocated / done);

        double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency / done;
    }

    public void Dispose() => _memory.Dispose();

    private int Fill()
    {
        var count = 0;
        while (_writer.TryWriteInBand(_payload, default, 0, PacketFlags.None, out _) == RingWriteResult.Written)
            count++;
        return count;
    }

    private int Drain()
    {
        var count = 0;
        while (_reader.TryRead(_received, out _) == RingReadResult.Packet)
            count++;
        _reader.Commit();
        return count;
    }

    private void CopyIn(int count, int place)
    {
        for (; count > 0; count--)
        {
            place = Whole(place);
            _payload.CopyTo(_copies.AsSpan(place));
            place += _payload.Length;
        }
    }

    private int CopyOut(int count, int place)
    {
        for (; count > 0; count--)
        {
            place = Whole(place);
            _copies.AsSpan(place, _payload.Length).CopyTo(_copied);
            place += _payload.Length;
        }

        return place;
    }

    private int Whole(int place) => place + _payload.Length > _copies.Length ? 0 : place;
}
