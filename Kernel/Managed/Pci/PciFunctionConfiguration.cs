using System.Globalization;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>The configuration space of one function, checked: a driver reaches no other function.</summary>
internal sealed class PciFunctionConfiguration : IPciConfiguration
{
    private readonly IPciAccess _access;
    private readonly PciAddress _address;

    public PciFunctionConfiguration(IPciAccess access, PciAddress address)
    {
        _access = access;
        _address = address;
    }

    public byte Read8(int offset) => _access.Read8(_address, Check(offset, 1));

    public ushort Read16(int offset) => _access.Read16(_address, Check(offset, 2));

    public uint Read32(int offset) => _access.Read32(_address, Check(offset, 4));

    public void Write8(int offset, byte value) => _access.Write8(_address, Check(offset, 1), value);

    public void Write16(int offset, ushort value) => _access.Write16(_address, Check(offset, 2), value);

    public void Write32(int offset, uint value) => _access.Write32(_address, Check(offset, 4), value);

    private int Check(int offset, int size)
    {
        if ((uint)offset > (uint)(_access.Length - size) || (offset & (size - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), string.Create(
                CultureInfo.InvariantCulture, $"{_address} has no aligned {size}-byte register at configuration offset {offset}."));
        }

        return offset;
    }
}
