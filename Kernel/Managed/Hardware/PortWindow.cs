using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>A granted range of I/O ports.</summary>
internal sealed class PortWindow : IRegisterWindow
{
    private readonly IPortSpace _ports;
    private readonly ushort _first;

    /// <param name="ports">The machine's ports.</param>
    /// <param name="first">First port.</param>
    /// <param name="length">Number of ports; the range must end at or below 0x10000.</param>
    public PortWindow(IPortSpace ports, ushort first, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 0x10000 - first);
        _ports = ports;
        _first = first;
        Length = length;
    }

    public RegisterSpace Space => RegisterSpace.Port;

    public ulong BaseAddress => _first;

    public int Length { get; }

    public byte Read8(int offset) => _ports.In8(Port(offset, 1));

    public ushort Read16(int offset) => _ports.In16(Port(offset, 2));

    public uint Read32(int offset) => _ports.In32(Port(offset, 4));

    public void Write8(int offset, byte value) => _ports.Out8(Port(offset, 1), value);

    public void Write16(int offset, ushort value) => _ports.Out16(Port(offset, 2), value);

    public void Write32(int offset, uint value) => _ports.Out32(Port(offset, 4), value);

    public void ReadRepeated16(int offset, Span<byte> destination)
    {
        WindowBounds.CheckEven(destination.Length);
        ushort port = Port(offset, 2);
        if (!destination.IsEmpty)
            _ports.InRepeated16(port, destination);
    }

    public void WriteRepeated16(int offset, ReadOnlySpan<byte> source)
    {
        WindowBounds.CheckEven(source.Length);
        ushort port = Port(offset, 2);
        if (!source.IsEmpty)
            _ports.OutRepeated16(port, source);
    }

    private ushort Port(int offset, int size)
    {
        WindowBounds.Check(this, Length, offset, size);
        return (ushort)(_first + offset);
    }
}
