using System.Buffers.Binary;
using GuestOS.Machine;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>Ports of the machine in QEMU.</summary>
internal sealed class QemuPorts(QtestClient qtest, int first, int length) : IRegisterWindow
{
    public RegisterSpace Space => RegisterSpace.Port;

    public ulong BaseAddress => (ulong)first;

    public int Length => length;

    public byte Read8(int offset) => (byte)qtest.In(Port(offset, 1), 1);

    public ushort Read16(int offset) => (ushort)qtest.In(Port(offset, 2), 2);

    public uint Read32(int offset) => qtest.In(Port(offset, 4), 4);

    public void Write8(int offset, byte value) => qtest.Out(Port(offset, 1), 1, value);

    public void Write16(int offset, ushort value) => qtest.Out(Port(offset, 2), 2, value);

    public void Write32(int offset, uint value) => qtest.Out(Port(offset, 4), 4, value);

    public void ReadRepeated16(int offset, Span<byte> destination)
    {
        for (var i = 0; i < destination.Length; i += 2)
            BinaryPrimitives.WriteUInt16LittleEndian(destination[i..], Read16(offset));
    }

    public void WriteRepeated16(int offset, ReadOnlySpan<byte> source)
    {
        for (var i = 0; i < source.Length; i += 2)
            Write16(offset, BinaryPrimitives.ReadUInt16LittleEndian(source[i..]));
    }

    private int Port(int offset, int size) =>
        offset >= 0 && offset <= length - size ? first + offset : throw new ArgumentOutOfRangeException(nameof(offset));
}
