using GuestOS.Kernel.Hardware;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Configuration access mechanism #1 (PCI Local Bus 3.0 section 3.2.2.3.2): an address port and a data port.</summary>
internal sealed class PciPortAccess : IPciAccess
{
    private const ushort AddressPort = 0xCF8;
    private const ushort DataPort = 0xCFC;
    private const uint Enable = 0x8000_0000;

    private readonly IPortSpace _ports;

    /// <summary>The pair of ports is one resource.</summary>
    private readonly Lock _lock = new();

    public PciPortAccess(IPortSpace ports) => _ports = ports;

    public int Length => 256;

    /// <summary>Whether the mechanism is there: the address port keeps what is written.</summary>
    public bool Probe()
    {
        lock (_lock)
        {
            uint before = _ports.In32(AddressPort);
            _ports.Out32(AddressPort, Enable);
            bool isThere = _ports.In32(AddressPort) == Enable;
            if (isThere)
                _ports.Out32(AddressPort, before);
            return isThere;
        }
    }

    public byte Read8(PciAddress address, int offset)
    {
        lock (_lock)
        {
            Select(address, offset);
            return _ports.In8((ushort)(DataPort + (offset & 3)));
        }
    }

    public ushort Read16(PciAddress address, int offset)
    {
        lock (_lock)
        {
            Select(address, offset);
            return _ports.In16((ushort)(DataPort + (offset & 2)));
        }
    }

    public uint Read32(PciAddress address, int offset)
    {
        lock (_lock)
        {
            Select(address, offset);
            return _ports.In32(DataPort);
        }
    }

    public void Write8(PciAddress address, int offset, byte value)
    {
        lock (_lock)
        {
            Select(address, offset);
            _ports.Out8((ushort)(DataPort + (offset & 3)), value);
        }
    }

    public void Write16(PciAddress address, int offset, ushort value)
    {
        lock (_lock)
        {
            Select(address, offset);
            _ports.Out16((ushort)(DataPort + (offset & 2)), value);
        }
    }

    public void Write32(PciAddress address, int offset, uint value)
    {
        lock (_lock)
        {
            Select(address, offset);
            _ports.Out32(DataPort, value);
        }
    }

    private void Select(PciAddress address, int offset)
    {
        if (address.Segment != 0 || (uint)offset >= Length)
            throw new ArgumentOutOfRangeException(nameof(address), $"Configuration mechanism #1 does not reach {address} offset {offset}.");
        _ports.Out32(
            AddressPort,
            Enable | ((uint)address.Bus << 16) | ((uint)address.Device << 11) | ((uint)address.Function << 8) | ((uint)offset & 0xFC));
    }
}
