using System.Buffers.Binary;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>One ring as bytes of the guest's memory: control page, then data.</summary>
internal sealed class HandRing
{
    private readonly DmaBuffer _buffer;
    private readonly int _start;

    public HandRing(DmaBuffer buffer, int firstPage, int pages)
    {
        _buffer = buffer;
        _start = firstPage * 4096;
        Size = (pages - 1) * 4096;
    }

    public int Size { get; }

    public uint In
    {
        get => Word(0);
        set => Set(0, value);
    }

    public uint Out
    {
        get => Word(4);
        set => Set(4, value);
    }

    public uint Mask
    {
        get => Word(8);
        set => Set(8, value);
    }

    public uint Pending
    {
        get => Word(12);
        set => Set(12, value);
    }

    public uint Features
    {
        get => Word(64);
        set => Set(64, value);
    }

    /// <summary>Appends bytes at the write index, wrapping, and publishes them.</summary>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        var at = (int)In;
        foreach (var value in bytes)
        {
            Data[at] = value;
            at = (at + 1) % Size;
        }

        In = (uint)at;
    }

    /// <summary>Bytes at the read index, wrapping, without taking them.</summary>
    public byte[] Peek(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = Data[((int)Out + i) % Size];
        return bytes;
    }

    /// <summary>Takes the next packet, footer included; null when the ring is empty.</summary>
    public byte[]? Take()
    {
        if (In == Out)
            return null;
        var length = (BinaryPrimitives.ReadUInt16LittleEndian(Peek(16).AsSpan(4)) * 8) + 8;
        var packet = Peek(length);
        Out = (uint)(((int)Out + length) % Size);
        return packet;
    }

    /// <summary>Puts a packet with the right footer.</summary>
    public void PutPacket(ushort type, ushort flags, ulong id, ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> payload)
    {
        var offset = 16 + descriptor.Length;
        var length = offset + ((payload.Length + 7) / 8 * 8);
        var packet = new byte[length + 8];
        BinaryPrimitives.WriteUInt16LittleEndian(packet, type);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(2), (ushort)(offset / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(4), (ushort)(length / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(6), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), id);
        descriptor.CopyTo(packet.AsSpan(16));
        payload.CopyTo(packet.AsSpan(offset));
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(length + 4), In);
        Put(packet);
    }

    public Span<byte> Data => _buffer.GetSpan().Slice(_start + 4096, Size);

    private uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_buffer.GetSpan()[(_start + offset)..]);

    private void Set(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan()[(_start + offset)..], value);
}
