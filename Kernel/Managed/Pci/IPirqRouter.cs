namespace GuestOS.Kernel.Pci;

/// <summary>A south bridge's interrupt router.</summary>
internal interface IPirqRouter
{
    /// <summary>The ISA interrupt of a pin (0 for INTA#) of a device on bus 0. A route that is unset gets set.</summary>
    int Route(int device, int pin);
}
