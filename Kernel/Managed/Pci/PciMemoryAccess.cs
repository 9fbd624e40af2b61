using System.Collections.Concurrent;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Memory-mapped configuration space (PCI Express 1.0 section 7.2.2). A bus is mapped when it is first read: 1 MiB each.</summary>
internal sealed class PciMemoryAccess : IPciAccess
{
    private const int BusSize = 1 << 20;

    private readonly IPhysicalMemory _memory;
    private readonly IReadOnlyList<McfgEntry> _entries;
    private readonly ConcurrentDictionary<(ushort Segment, byte Bus), IRegisterWindow?> _buses = new();

    public PciMemoryAccess(IPhysicalMemory memory, IReadOnlyList<McfgEntry> entries)
    {
        _memory = memory;
        _entries = entries;
    }

    public int Length => 4096;

    public byte Read8(PciAddress address, int offset) => Bus(address)?.Read8(Offset(address, offset)) ?? byte.MaxValue;

    public ushort Read16(PciAddress address, int offset) => Bus(address)?.Read16(Offset(address, offset)) ?? ushort.MaxValue;

    public uint Read32(PciAddress address, int offset) => Bus(address)?.Read32(Offset(address, offset)) ?? uint.MaxValue;

    public void Write8(PciAddress address, int offset, byte value) => Bus(address)?.Write8(Offset(address, offset), value);

    public void Write16(PciAddress address, int offset, ushort value) => Bus(address)?.Write16(Offset(address, offset), value);

    public void Write32(PciAddress address, int offset, uint value) => Bus(address)?.Write32(Offset(address, offset), value);

    private static int Offset(PciAddress address, int offset) => (address.Device << 15) | (address.Function << 12) | offset;

    private IRegisterWindow? Bus(PciAddress address) => _buses.GetOrAdd((address.Segment, address.Bus), Map);

    private IRegisterWindow? Map((ushort Segment, byte Bus) key)
    {
        foreach (McfgEntry entry in _entries)
        {
            if (entry.Segment == key.Segment && key.Bus >= entry.FirstBus && key.Bus <= entry.LastBus)
                return _memory.MapRegisters(entry.Base + ((ulong)key.Bus * BusSize), BusSize);
        }

        return null;
    }
}
