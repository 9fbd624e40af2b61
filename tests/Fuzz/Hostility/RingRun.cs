using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Fuzz.Targets;
using GuestOS.Sandbox.VmBus.Rings;
using GuestOS.Testing.VmBus;

namespace GuestOS.Fuzz.Hostility;

/// <summary>One life of a pair of rings, step by step.</summary>
internal sealed class RingRun
{
    private const int ControlFields = 68;
    private readonly RingPair _rings;
    private readonly Decisions _decisions;
    private readonly Queue<byte[]> _toGuest = new();
    private readonly Queue<byte[]> _toHost = new();
    private readonly byte[] _before;
    private readonly byte[] _buffer = new byte[8192];
    private (int Barriers, bool IsArmed) _ambush;
    private bool _isInboundHonest = true;
    private bool _isOutboundHonest = true;
    private bool _isInside;

    public RingRun(RingPair rings, Decisions decisions)
    {
        _rings = rings;
        _decisions = decisions;
        _before = new byte[rings.Buffer.Length];
        rings.Memory.AtBarrier = AtBarrier;
    }

    /// <summary>Host or guest does one thing.</summary>
    public void Step()
    {
        switch (_decisions.Next() % 12)
        {
            case 0:
                SendToGuest();
                break;
            case 1:
                _isInboundHonest = false;
                _rings.Inbound.Write((uint)_decisions.Next(1 << 13), HostileHost.Bytes(_decisions, 1 + (_decisions.Next() % 24)));
                break;
            case 2 or 3:
                Spoil();
                break;
            case 4:
                Guest(Read);
                break;
            case 5:
                Guest(() => _rings.Reader.Commit());
                break;
            case 6:
                Guest(() =>
                {
                    if (_decisions.Next() % 2 == 0)
                        _rings.Reader.Mask();
                    else
                        _rings.Reader.Unmask();
                });
                break;
            case 7:
                Guest(Write);
                break;
            case 8:
                Guest(() => _rings.Writer.AwaitSpace(RingWriter.InBandLength(_decisions.Next() * 32)));
                break;
            case 9:
                Guest(() =>
                {
                    _rings.Writer.HasSpace(RingWriter.InBandLength(_decisions.Next() * 32));
                    _rings.Writer.CancelPending();
                });
                break;
            case 10:
                _ambush = (_decisions.Next() % 8, true);
                break;
            default:
                TakeFromGuest();
                break;
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new FuzzException(what);
    }

    private void SendToGuest()
    {
        var type = (PacketType)(_decisions.Next() % 16);
        var descriptor = HostileHost.Bytes(_decisions, _decisions.Next() % 6 * 8);
        var payload = HostileHost.Bytes(_decisions, _decisions.Next() * (1 + (_decisions.Next() % 16)));
        if (type == PacketType.TransferPages && descriptor.Length >= 8 && _decisions.Next() % 4 != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(4), (uint)(descriptor.Length - 8) / 8);
        var packet = HostRingWriter.Encode(type, (PacketFlags)(_decisions.Next() & 1), 1 + (ulong)_decisions.Next(), descriptor, payload, _rings.HostWriter.Index);
        if (_rings.HostWriter.TryPublish(packet, out _))
            _toGuest.Enqueue(packet[..^8]);
    }

    private void Spoil()
    {
        var value = HostileHost.Number(_decisions);
        var kind = _decisions.Next() % 10;
        _isInboundHonest &= kind is not (0 or 5);
        _isOutboundHonest &= kind is not (6 or 7);
        switch (kind)
        {
            case 0:
                _rings.Inbound.In = value;
                break;
            case 1:
                _rings.Inbound.Out = value;
                break;
            case 2:
                _rings.Inbound.Mask = value;
                break;
            case 3:
                _rings.Inbound.Pending = value;
                break;
            case 4:
                _rings.Inbound.Features = value;
                break;
            case 5:
                _rings.Inbound.In = value % _rings.Inbound.Size & ~7u;
                break;
            case 6:
                _rings.Outbound.Out = value;
                break;
            case 7:
                _rings.Outbound.Out = value % _rings.Outbound.Size & ~7u;
                break;
            case 8:
                _rings.HostReader.SetMask(value);
                break;
            default:
                _rings.Outbound.Features = value;
                break;
        }
    }

    /// <summary>What the guest does may change the fields that are its own, and the data of its own ring, unless the host acts meanwhile.</summary>
    private void Guest(Action action)
    {
        _rings.Buffer.GetSpan().CopyTo(_before);
        _isInside = true;
        action();
        var wasAmbushed = !_isInside;
        _isInside = false;
        if (wasAmbushed)
            return;
        var inbound = (int)_rings.Outbound.Size + 4096;
        var now = _rings.Buffer.GetSpan();
        Require(now[(inbound + ControlFields)..].SequenceEqual(_before.AsSpan(inbound + ControlFields)), "the guest wrote into the host's ring");
        Require(now[inbound..][..4].SequenceEqual(_before.AsSpan(inbound, 4)), "the guest wrote the host's write index");
        Require(now[4..8].SequenceEqual(_before.AsSpan(4, 4)), "the guest wrote the host's read index");
    }

    private void AtBarrier()
    {
        if (!_isInside || !_ambush.IsArmed || _ambush.Barriers-- > 0)
            return;
        _ambush = default;
        _isInside = false;
        if (_decisions.Next() % 2 == 0)
            Spoil();
        else
            SendToGuest();
    }

    private void Read()
    {
        var buffer = _buffer.AsSpan(0, 16 + (_decisions.Next() * 32));
        var wasBroken = _rings.Reader.BrokenBecause is not null;
        var result = _rings.Reader.TryRead(buffer, out var packet);
        Require(!wasBroken || result == RingReadResult.Broken, "a broken ring works again");
        if (result is RingReadResult.Broken or RingReadResult.Empty)
        {
            Require(!_isInboundHonest || (result == RingReadResult.Empty && _toGuest.Count == 0), $"{result} with {_toGuest.Count} packets in an honest ring");
            return;
        }

        var sent = _isInboundHonest ? _toGuest.Dequeue() : null;
        if (result != RingReadResult.Packet)
            return;
        Require(packet.Payload.Length <= buffer.Length - 16 && packet.TransferRanges.Length <= RingReader.MostRanges, "a packet beyond its buffer");
        Require(packet.Type is PacketType.InBand or PacketType.Completion or PacketType.TransferPages, $"a packet of type {packet.Type}");
        var copy = packet.Payload.ToArray();
        var ranges = MemoryMarshal.AsBytes(packet.TransferRanges).ToArray();
        var id = packet.TransactionId;
        if (sent is not null)
            Require(copy.AsSpan().SequenceEqual(sent.AsSpan(BinaryPrimitives.ReadUInt16LittleEndian(sent.AsSpan(2)) * 8)), "another packet than was sent");
        if (_isInboundHonest)
            return;

        // The host rewrites everything that it has; what was read stays.
        _rings.Inbound.Write(0, new byte[_rings.Inbound.Size]);
        Require(copy.AsSpan().SequenceEqual(packet.Payload) && id == packet.TransactionId, "a packet changed after it was read");
        Require(ranges.AsSpan().SequenceEqual(MemoryMarshal.AsBytes(packet.TransferRanges)), "ranges changed after they were read");
        _isInside = false;
    }

    private void Write()
    {
        var payload = new byte[_decisions.Next() * (1 + (_decisions.Next() % 32))];
        payload.AsSpan().Fill((byte)_decisions.Next());
        var wasBroken = _rings.Writer.IsBroken;
        var (form, count) = (_decisions.Next() % 5, 1 + (_decisions.Next() % 20));
        var result = form switch
        {
            0 => _rings.Writer.TryWriteCompletion(7, payload, out _),
            1 => _rings.Writer.TryWritePages([.. Enumerable.Range(0, count).Select(i => new PageBuffer((ulong)i, i, 100))], payload, default, 8, PacketFlags.CompletionRequested, out _),
            2 => _rings.Writer.TryWriteRange(
                new GpaRange { ByteCount = (uint)count * 4096, ByteOffset = 0 }, [.. Enumerable.Range(0, count).Select(i => (ulong)i)], payload, default, 9, PacketFlags.None, out _),
            3 => _rings.Writer.TryWriteTransferPages(3, new TransferPageRange[count], payload, 10, PacketFlags.None, out _),
            _ => _rings.Writer.TryWriteInBand(payload, payload.AsSpan(0, payload.Length / 3), 11, PacketFlags.None, out _),
        };
        Require(!wasBroken || result is RingWriteResult.Broken or RingWriteResult.TooLarge, "a broken ring takes packets again");
        Require(!_isOutboundHonest || result != RingWriteResult.Broken, "an honest ring is broken");
        if (result == RingWriteResult.Written)
            _toHost.Enqueue(form == 4 ? [.. payload, .. payload.AsSpan(0, payload.Length / 3)] : payload);
    }

    private void TakeFromGuest()
    {
        if (!_isOutboundHonest)
            return;
        var packet = _rings.HostReader.TryRead(out _);
        Require(_rings.HostReader.Violation is null, $"the guest wrote a bad packet: {_rings.HostReader.Violation}");
        Require(packet is null == (_toHost.Count == 0), "a packet is missing");
        if (packet is null)
            return;
        var sent = _toHost.Dequeue();
        Require(packet.Payload.AsSpan(0, sent.Length).SequenceEqual(sent) && packet.Payload.Length - sent.Length < 8, "another packet than was written");
    }
}
