using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Where a function's INTx# line arrives.</summary>
/// <param name="Number">ISA interrupt or GSI, as the flags say.</param>
/// <param name="Flags">PCI lines are level-triggered and active low; firmware's overrides for ISA interrupts apply below.</param>
internal readonly record struct PciInterruptRoute(int Number, InterruptFlags Flags);

/// <summary>
/// Routes INTx# lines. Firmware of the machines that we meet routes them and leaves the result in the Interrupt Line register; where it
/// has not, the interrupt router of the south bridge is read, and programmed where it is unset.
/// </summary>
internal sealed class PciInterruptRouter
{
    /// <summary>Interrupt Line: firmware has not routed it.</summary>
    private const byte NotRouted = 0xFF;
    private const int IsaInterrupts = 16;
    private const InterruptFlags Line = InterruptFlags.Level | InterruptFlags.ActiveLow;

    private readonly PciTopology _topology;
    private readonly IPirqRouter? _pirqs;

    public PciInterruptRouter(PciTopology topology, IPortSpace ports, IPhysicalMemory memory, ILog log)
    {
        _topology = topology;
        _pirqs = FindPirqRouter(topology, ports, memory, log);
    }

    /// <summary>Finds the route of a function's line.</summary>
    /// <param name="device">The function.</param>
    /// <param name="route">Where its line arrives.</param>
    /// <param name="error">Why there is no route.</param>
    public bool TryRoute(PciDevice device, out PciInterruptRoute route, out string error)
    {
        route = default;
        error = "";
        if (device.InterruptPin is < 1 or > 4)
        {
            error = $"{device.Address} has no interrupt pin.";
            return false;
        }

        byte line = device.Configuration.Read8(PciRegisters.InterruptLine);
        if (line is not (0 or NotRouted))
        {
            route = new PciInterruptRoute(line, line < IsaInterrupts ? Line | InterruptFlags.Isa : Line);
            return true;
        }

        if (_pirqs is null)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"Firmware has not routed INT{(char)('A' + device.InterruptPin - 1)}# of {device.Address}, and there is no interrupt router that the kernel knows.");
            return false;
        }

        PciAddress address = device.Address;
        int pin = device.InterruptPin - 1;

        // PCI-to-PCI Bridge 1.2 section 9.1: behind a bridge the pins rotate with the device number.
        while (_topology.TryGetBridge(address, out PciAddress bridge))
        {
            pin = (pin + address.Device) & 3;
            address = bridge;
        }

        int irq = _pirqs.Route(address.Device, pin);
        route = new PciInterruptRoute(irq, Line | InterruptFlags.Isa);
        device.Configuration.Write8(PciRegisters.InterruptLine, (byte)irq);
        return true;
    }

    private static IPirqRouter? FindPirqRouter(PciTopology topology, IPortSpace ports, IPhysicalMemory memory, ILog log)
    {
        foreach (PciDevice device in topology.Devices)
        {
            if (PiixPirqRouter.Serves(device))
                return new PiixPirqRouter(device.Configuration, ports);
            if (Ich9PirqRouter.Serves(device))
                return Ich9PirqRouter.Create(device.Configuration, ports, memory, log);
        }

        return null;
    }
}
