using GuestOS.Kernel.Hardware;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Ports: configuration mechanism #1 in front of a <see cref="FakePci"/>, and plain bytes everywhere else.</summary>
internal sealed class FakePorts : IPortSpace
{
    private readonly FakePci? _pci;
    private uint _address;

    public FakePorts(FakePci? pci = null) => _pci = pci;

    public byte[] Bytes { get; } = new byte[0x10000];

    public List<(ushort Port, int Size)> Accesses { get; } = [];

    public byte In8(ushort port) => (byte)In(port, 1);

    public ushort In16(ushort port) => (ushort)In(port, 2);

    public uint In32(ushort port) => In(port, 4);

    public void Out8(ushort port, byte value) => Out(port, value, 1);

    public void Out16(ushort port, ushort value) => Out(port, value, 2);

    public void Out32(ushort port, uint value) => Out(port, value, 4);

    public void InRepeated16(ushort port, Span<byte> destination)
    {
        Accesses.Add((port, 2));
        destination.Fill(Bytes[port]);
    }

    public void OutRepeated16(ushort port, ReadOnlySpan<byte> source)
    {
        Accesses.Add((port, 2));
        Bytes[port] = source[^1];
    }

    private uint In(ushort port, int size)
    {
        Accesses.Add((port, size));
        if (_pci is not null && port == 0xCF8 && size == 4)
            return _address;
        if (_pci is not null && port is >= 0xCFC and <= 0xCFF)
            return _pci.Read(Selected, (int)(_address & 0xFC) + (port & 3), size);
        if (_pci is null && port is >= 0xCF8 and <= 0xCFF)
            return uint.MaxValue;
        uint value = 0;
        for (int i = 0; i < size; i++)
            value |= (uint)Bytes[port + i] << (8 * i);
        return value;
    }

    private void Out(ushort port, uint value, int size)
    {
        Accesses.Add((port, size));
        if (_pci is not null && port == 0xCF8 && size == 4)
        {
            _address = value;
            return;
        }

        if (_pci is not null && port is >= 0xCFC and <= 0xCFF)
        {
            _pci.Write(Selected, (int)(_address & 0xFC) + (port & 3), value, size);
            return;
        }

        for (int i = 0; i < size; i++)
            Bytes[port + i] = (byte)(value >> (8 * i));
    }

    private PciAddress Selected => new(0, (byte)(_address >> 16), (byte)((_address >> 11) & 31), (byte)((_address >> 8) & 7));
}
