using GuestOS.Kernel.Hardware;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>PIIX3 and PIIX4 (82371SB section 2.2.8, 82371AB section 4.1.10): PIRQRC[A:D] at 0x60 to 0x63.</summary>
internal sealed class PiixPirqRouter : IPirqRouter
{
    private const ushort Intel = 0x8086;
    private const ushort Piix3IsaBridge = 0x7000;
    private const ushort Piix4IsaBridge = 0x7110;
    private const int FirstRegister = 0x60;

    private readonly IPciConfiguration _isaBridge;
    private readonly IPortSpace _ports;

    public PiixPirqRouter(IPciConfiguration isaBridge, IPortSpace ports)
    {
        _isaBridge = isaBridge;
        _ports = ports;
    }

    /// <summary>Whether the function is such a bridge.</summary>
    public static bool Serves(PciDevice device) =>
        device.VendorId == Intel && device.DeviceId is Piix3IsaBridge or Piix4IsaBridge;

    public int Route(int device, int pin)
    {
        // The boards of this chip set (440FX, 440BX, and the machines modelled on them) rotate the lines by slot: slot 1's INTA# is PIRQA#.
        int pirq = (pin + device - 1) & 3;
        return PirqRegisters.ReadOrAssign(_isaBridge, FirstRegister + pirq, pirq, _ports);
    }
}
