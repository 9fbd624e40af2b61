using GuestOS.Kernel.Pci;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Functions by address; what is absent reads as all ones.</summary>
internal sealed class FakePci : IPciAccess
{
    private readonly Dictionary<PciAddress, FakePciFunction> _functions = [];

    public int Length => 256;

    /// <summary>Number of reads, to show that a scan ends.</summary>
    public int Reads { get; private set; }

    public FakePciFunction Add(byte bus, byte device, byte function, FakePciFunction what)
    {
        _functions[new PciAddress(0, bus, device, function)] = what;
        return what;
    }

    public uint Read(PciAddress address, int offset, int size)
    {
        Reads++;
        return _functions.TryGetValue(address, out FakePciFunction? function) ? function.Read(offset, size) : uint.MaxValue;
    }

    public void Write(PciAddress address, int offset, uint value, int size)
    {
        if (_functions.TryGetValue(address, out FakePciFunction? function))
            function.Write(offset, value, size);
    }

    public byte Read8(PciAddress address, int offset) => (byte)Read(address, offset, 1);

    public ushort Read16(PciAddress address, int offset) => (ushort)Read(address, offset, 2);

    public uint Read32(PciAddress address, int offset) => Read(address, offset, 4);

    public void Write8(PciAddress address, int offset, byte value) => Write(address, offset, value, 1);

    public void Write16(PciAddress address, int offset, ushort value) => Write(address, offset, value, 2);

    public void Write32(PciAddress address, int offset, uint value) => Write(address, offset, value, 4);
}
