using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus.Rings;

/// <summary>The host's producer, and with <see cref="WriteRaw"/> and <see cref="Publish"/> one that may do anything.</summary>
public sealed class HostRingWriter
{
    private readonly HostRing _ring;
    private uint _in;
    private bool _pending;

    /// <param name="ring">The host-to-guest ring.</param>
    public HostRingWriter(HostRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
        _in = ring.In;
    }

    /// <summary>Where the next packet goes.</summary>
    public uint Index => _in;

    /// <summary>Writes a packet. False when it does not fit; the pending send size then says so to the guest.</summary>
    /// <param name="type">Type.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="transactionId">Transaction id.</param>
    /// <param name="descriptor">Between header and payload; a multiple of 8 bytes.</param>
    /// <param name="payload">Payload.</param>
    /// <param name="signal">True when the guest is to be interrupted.</param>
    public bool TryWrite(PacketType type, PacketFlags flags, ulong transactionId, ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> payload, out bool signal)
    {
        signal = false;
        var bytes = Encode(type, flags, transactionId, descriptor, payload, _in);
        if (!TryPublish(bytes, out var before))
        {
            Announce(bytes.Length);
            if (!TryPublish(bytes, out before))
                return false;
        }

        signal = WantsSignal(before);
        return true;
    }

    /// <summary>Writes a whole packet and publishes it. False when it does not fit.</summary>
    /// <param name="packet">Of <see cref="Encode"/>, made for <see cref="Index"/>.</param>
    /// <param name="before">Where it began.</param>
    public bool TryPublish(ReadOnlySpan<byte> packet, out uint before)
    {
        before = _in;
        if (!Fits(packet.Length))
            return false;
        if (_pending)
            _ring.Pending = 0;
        _pending = false;
        _ring.Write(_in, packet);
        Publish((uint)((_in + (uint)packet.Length) % _ring.Size));
        return true;
    }

    /// <summary>Says to the guest that so many bytes wait for space.</summary>
    public void Announce(int bytes)
    {
        _pending = true;
        _ring.Pending = (uint)bytes;
        Interlocked.MemoryBarrier();
    }

    /// <summary>True when the guest is to be interrupted for the packet that began there.</summary>
    public bool WantsSignal(uint before)
    {
        Interlocked.MemoryBarrier();
        return _ring.Mask == 0 && _ring.Out == before;
    }

    /// <summary>Bytes of a whole packet with its footer.</summary>
    public static byte[] Encode(PacketType type, PacketFlags flags, ulong transactionId, ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> payload, uint at)
    {
        var length = 16 + descriptor.Length + ((payload.Length + 7) / 8 * 8);
        var bytes = new byte[length + 8];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)((16 + descriptor.Length) / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)(length / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), transactionId);
        descriptor.CopyTo(bytes.AsSpan(16));
        payload.CopyTo(bytes.AsSpan(16 + descriptor.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(length), (ulong)at << 32);
        return bytes;
    }

    /// <summary>Puts any bytes at the write index without publishing them.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => _ring.Write(_in % _ring.Size, bytes);

    /// <summary>Stores any value as the write index.</summary>
    public void Publish(uint index)
    {
        _in = index;
        Interlocked.MemoryBarrier();
        _ring.In = index;
    }

    /// <summary>True when a whole packet of so many bytes, footer included, fits now.</summary>
    public bool Fits(int bytes)
    {
        var read = _ring.Out % _ring.Size;
        var free = _in >= read ? _ring.Size - (_in - read) : read - _in;
        return (uint)bytes < free;
    }
}
