using System.Buffers.Binary;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>256 bytes of configuration space with base address registers that can be sized.</summary>
internal sealed class FakePciFunction
{
    private readonly uint[] _barMasks = new uint[6];

    public FakePciFunction(ushort vendor, ushort device, byte classCode, byte subclass, byte interfaceCode = 0, byte header = 0)
    {
        Write(0, vendor, 2);
        Write(2, device, 2);
        Bytes[9] = interfaceCode;
        Bytes[10] = subclass;
        Bytes[11] = classCode;
        Bytes[14] = header;
    }

    public byte[] Bytes { get; } = new byte[256];

    /// <summary>Commands that were in force while a base address register held all ones.</summary>
    public List<ushort> CommandsWhileSizing { get; } = [];

    public ushort Command => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(4));

    public FakePciFunction WithPortBar(int index, ushort address, int length) => WithBar(index, address | 1u, ~(uint)(length - 1) | 1u);

    public FakePciFunction WithMemoryBar(int index, uint address, uint length, bool isPrefetchable = false) =>
        WithBar(index, address | (isPrefetchable ? 8u : 0), (~(length - 1) & ~0xFu) | (isPrefetchable ? 8u : 0));

    public FakePciFunction WithMemoryBar64(int index, ulong address, ulong length)
    {
        ulong mask = ~(length - 1);
        WithBar(index, (uint)address | 4u, ((uint)mask & ~0xFu) | 4u);
        return WithBar(index + 1, (uint)(address >> 32), (uint)(mask >> 32));
    }

    public FakePciFunction With(int offset, uint value, int size)
    {
        Write(offset, value, size);
        return this;
    }

    public FakePciFunction WithBridge(byte primary, byte secondary, byte subordinate)
    {
        Bytes[0x18] = primary;
        Bytes[0x19] = secondary;
        Bytes[0x1A] = subordinate;
        return this;
    }

    public uint Read(int offset, int size)
    {
        uint value = 0;
        for (int i = 0; i < size; i++)
            value |= (uint)Bytes[offset + i] << (8 * i);
        return value;
    }

    public void Write(int offset, uint value, int size)
    {
        int bar = (offset - 0x10) / 4;
        bool isBar = offset is >= 0x10 and < 0x28 && (Bytes[14] & 0x7F) == 0;
        if (isBar)
        {
            if (value == uint.MaxValue)
                CommandsWhileSizing.Add(Command);
            uint fixedBits = _barMasks[bar] & 0xF & ~(_barMasks[bar] & 0xFFFF_FFF0u);
            value = _barMasks[bar] == 0 ? 0 : (value & _barMasks[bar] & ~0xFu) | (IsUpperHalf(bar) ? value & 0xF & _barMasks[bar] : fixedBits);
        }

        for (int i = 0; i < size; i++)
            Bytes[offset + i] = (byte)(value >> (8 * i));
    }

    private bool IsUpperHalf(int bar) => bar > 0 && (_barMasks[bar - 1] & 7) == 4;

    private FakePciFunction WithBar(int index, uint value, uint mask)
    {
        _barMasks[index] = mask;
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(0x10 + (index * 4)), value);
        return this;
    }
}
