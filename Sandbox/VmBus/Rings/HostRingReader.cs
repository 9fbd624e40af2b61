using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus.Rings;

/// <summary>The host's consumer: as strict as real hosts are, and any violation ends the channel.</summary>
public sealed class HostRingReader
{
    private readonly HostRing _ring;
    private uint _out;
    private uint _maskWritten;

    /// <param name="ring">The guest-to-host ring.</param>
    public HostRingReader(HostRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
        _out = ring.Out;
        _maskWritten = ring.Mask;
    }

    /// <summary>What the guest did wrong; null while all is well.</summary>
    public string? Violation { get; private set; }

    /// <summary>Interrupts off or on.</summary>
    public bool IsMasked
    {
        get => _maskWritten != 0;
        set
        {
            if (_ring.Mask != _maskWritten)
                Fail("the guest touched the host's interrupt mask");
            _ring.Mask = _maskWritten = value ? 1u : 0u;
        }
    }

    /// <summary>Any value as the mask, which is then the host's own.</summary>
    public void SetMask(uint value) => _ring.Mask = _maskWritten = value;

    /// <summary>Something waits.</summary>
    public bool HasPacket => Violation is null && _ring.In != _out;

    /// <summary>The next packet; null when there is none or the guest broke the ring.</summary>
    /// <param name="signal">True when the guest waits for the space that this packet took.</param>
    public HostPacket? TryRead(out bool signal)
    {
        signal = false;
        if (Violation is not null)
            return null;
        if (_ring.Mask != _maskWritten)
            return Fail("the guest touched the host's interrupt mask");
        var write = _ring.In;
        if (write >= _ring.Size || write % 8 != 0)
            return Fail($"write index {write}");
        var used = write >= _out ? write - _out : _ring.Size - (_out - write);
        if (used == 0)
            return null;
        if (used < 24)
            return Fail($"{used} bytes are no packet");
        Span<byte> head = stackalloc byte[16];
        _ring.Read(_out, head);
        var type = BinaryPrimitives.ReadUInt16LittleEndian(head);
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]) * 8u;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(head[4..]) * 8u;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(head[6..]);
        if (offset < 16 || offset > length || length + 8 > used)
            return Fail($"offset {offset}, length {length} with {used} bytes used");
        if ((flags & ~1) != 0)
            return Fail($"flags {flags:x}");
        if (type is not (6 or 7 or 9 or 10 or 11))
            return Fail($"type {type}");
        var rest = new byte[length - 16];
        _ring.Read((_out + 16) % _ring.Size, rest);
        var descriptor = rest[..(int)(offset - 16)];
        if (type == 9 && !HasRanges(descriptor))
            return Fail("GPA direct without sound ranges");
        Span<byte> footer = stackalloc byte[8];
        _ring.Read((_out + length) % _ring.Size, footer);
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer) != (ulong)_out << 32)
            return Fail("footer");
        var packet = new HostPacket(
            (PacketType)type, (PacketFlags)flags, BinaryPrimitives.ReadUInt64LittleEndian(head[8..]), descriptor, rest[(int)(offset - 16)..], _out);

        var freeBefore = _ring.Size - used;
        _out = (_out + length + 8) % _ring.Size;
        _ring.Out = _out;
        Interlocked.MemoryBarrier();
        var pending = _ring.Pending;
        signal = (_ring.Features & 1) != 0 && pending != 0 && freeBefore <= pending && freeBefore + length + 8 > pending;
        return packet;
    }

    private static bool HasRanges(ReadOnlySpan<byte> descriptor)
    {
        if (descriptor.Length < 8)
            return false;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
        if (count == 0)
            return false;
        var at = 8L;
        for (var i = 0u; i < count; i++)
        {
            if (at + 8 > descriptor.Length)
                return false;
            var bytes = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(int)at..]);
            var start = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(int)(at + 4)..]);
            at += 8 + (8 * (((long)bytes + start + 4095) / 4096));
            if (at > descriptor.Length)
                return false;
        }

        return true;
    }

    private HostPacket? Fail(string what)
    {
        Violation = what;
        return null;
    }
}
