using GuestOS.Kernel.Hardware;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>ICH9 (datasheet sections 13.1.17, 13.1.19 and 10.1.46 on): PIRQ[A:D] at 0x60, PIRQ[E:H] at 0x68; the chip's own devices through DxxIR.</summary>
internal sealed class Ich9PirqRouter : IPirqRouter
{
    private const ushort Intel = 0x8086;
    private const ushort Ich9Lpc = 0x2918;
    private const int FirstRegisters = 0x60;
    private const int SecondRegisters = 0x68;

    /// <summary>Root complex base address: bits 31 to 14, bit 0 enables.</summary>
    private const int RootComplexBase = 0xF0;
    private const uint RootComplexAddressMask = 0xFFFF_C000;
    private const int RootComplexLength = 0x4000;
    private const int FirstOwnDevice = 25;

    private readonly IPciConfiguration _lpc;
    private readonly IPortSpace _ports;
    private readonly IRegisterWindow? _rootComplex;

    private Ich9PirqRouter(IPciConfiguration lpc, IPortSpace ports, IRegisterWindow? rootComplex)
    {
        _lpc = lpc;
        _ports = ports;
        _rootComplex = rootComplex;
    }

    /// <summary>Whether the function is such a bridge.</summary>
    public static bool Serves(PciDevice device) => device.VendorId == Intel && device.DeviceId == Ich9Lpc;

    /// <summary>Maps the root complex registers where firmware has switched them on.</summary>
    public static Ich9PirqRouter Create(IPciConfiguration lpc, IPortSpace ports, IPhysicalMemory memory, ILog log)
    {
        uint rootComplex = lpc.Read32(RootComplexBase);
        if ((rootComplex & 1) == 0)
            return new Ich9PirqRouter(lpc, ports, null);
        try
        {
            return new Ich9PirqRouter(lpc, ports, memory.MapRegisters(rootComplex & RootComplexAddressMask, RootComplexLength));
        }
        catch (KernelCallException exception)
        {
            log.Warning($"PCI: the root complex registers cannot be mapped: {exception.Message}");
            return new Ich9PirqRouter(lpc, ports, null);
        }
    }

    public int Route(int device, int pin)
    {
        int pirq = Pirq(device, pin);
        int offset = pirq < 4 ? FirstRegisters + pirq : SecondRegisters + pirq - 4;
        return PirqRegisters.ReadOrAssign(_lpc, offset, pirq, _ports);
    }

    private int Pirq(int device, int pin)
    {
        // DxxIR: three bits a pin, four bits apart. Reset values send INTA# to INTD# to PIRQA# to PIRQD#.
        if (device >= FirstOwnDevice && RouteRegister(device) is int register)
            return _rootComplex is null ? pin : (_rootComplex.Read16(register) >> (pin * 4)) & 7;

        // Slots before the chip's own devices are the board's choice; q35 boards rotate them over PIRQE# to PIRQH#.
        return ((device + pin) & 3) + 4;
    }

    private static int? RouteRegister(int device) => device switch
    {
        31 => 0x3140,
        29 => 0x3144,
        28 => 0x3146,
        27 => 0x3148,
        26 => 0x314C,
        25 => 0x3150,
        _ => null,
    };
}
