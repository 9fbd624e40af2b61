using System.Numerics;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Sizes the base address registers (PCI Local Bus 3.0 section 6.2.5.1): all ones written, what sticks read, the old value written back.</summary>
internal static class PciBarReader
{
    private const int BarCount = 6;
    private const uint IoSpace = 1;
    private const uint TypeMask = 0x6;
    private const uint Type64Bit = 0x4;
    private const uint Prefetchable = 0x8;

    /// <summary>Six entries; what the function does not implement has length 0.</summary>
    /// <param name="configuration">The function.</param>
    /// <param name="implemented">How many the header has: 6 for a device, 2 for a bridge.</param>
    /// <param name="mayDisableDecode">False for host bridges, which may decode memory itself: switching that off would stop the machine.</param>
    public static PciBar[] Read(IPciConfiguration configuration, int implemented, bool mayDisableDecode)
    {
        ushort command = configuration.Read16(PciRegisters.Command);
        ushort quiet = (ushort)(command & ~(PciRegisters.CommandIo | PciRegisters.CommandMemory));
        bool isDecodeDisabled = mayDisableDecode && quiet != command;
        if (isDecodeDisabled)
            configuration.Write16(PciRegisters.Command, quiet);

        var bars = new PciBar[BarCount];
        for (int i = 0; i < BarCount; i++)
            bars[i] = new PciBar(i, RegisterSpace.Memory, 0, 0, false, false);
        for (int i = 0; i < implemented; i++)
        {
            bars[i] = ReadOne(configuration, i, implemented);
            if (bars[i].Is64Bit)
                i++;
        }

        if (isDecodeDisabled)
            configuration.Write16(PciRegisters.Command, command);
        return bars;
    }

    private static PciBar ReadOne(IPciConfiguration configuration, int index, int implemented)
    {
        int offset = PciRegisters.FirstBar + (index * 4);
        uint value = configuration.Read32(offset);
        if ((value & IoSpace) != 0)
        {
            uint sized = Size(configuration, offset, value) & ~3u;

            // The upper half need not be implemented: ports end at 0xFFFF.
            ulong length = sized == 0 ? 0 : LowestBit(sized & 0xFFFF);
            return new PciBar(index, RegisterSpace.Port, value & 0xFFFC, length, false, false);
        }

        bool isPrefetchable = (value & Prefetchable) != 0;
        bool is64Bit = (value & TypeMask) == Type64Bit && index + 1 < implemented;
        ulong address = value & ~0xFu;
        ulong mask = Size(configuration, offset, value) & ~0xFu;
        if (is64Bit)
        {
            uint high = configuration.Read32(offset + 4);
            address |= (ulong)high << 32;
            mask |= (ulong)Size(configuration, offset + 4, high) << 32;
        }

        return new PciBar(index, RegisterSpace.Memory, address, LowestBit(mask), is64Bit, isPrefetchable);
    }

    private static uint Size(IPciConfiguration configuration, int offset, uint value)
    {
        configuration.Write32(offset, uint.MaxValue);
        uint sized = configuration.Read32(offset);
        configuration.Write32(offset, value);
        return sized;
    }

    private static ulong LowestBit(ulong mask) => mask == 0 ? 0 : 1UL << BitOperations.TrailingZeroCount(mask);
}
