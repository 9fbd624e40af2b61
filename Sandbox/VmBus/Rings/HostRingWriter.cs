using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus.Rings;

/// <summary>The host's producer, and with <see cref="WriteRaw"/> and <see cref="Publish"/> one that may do anything.</summary>
public sealed class HostRingWriter
{
    private readonly HostRing _ring;
    private uint _in;

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
        if (!Fits(bytes.Length))
        {
            _ring.Pending = (uint)bytes.Length;
            Interlocked.MemoryBarrier();
            if (!Fits(bytes.Length))
                return false;
        }

        _ring.Pending = 0;
        var before = _in;
        _ring.Write(_in, bytes);
        Publish((uint)((_in + (uint)bytes.Length) % _ring.Size));
        Interlocked.MemoryBarrier();
        signal = _ring.Mask == 0 && _ring.Out == before;
        return true;
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

    private bool Fits(int bytes)
    {
        var read = _ring.Out % _ring.Size;
        var free = _in >= read ? _ring.Size - (_in - read) : read - _in;
        return (uint)bytes < free;
    }
}
