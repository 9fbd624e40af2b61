using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Pci;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Drivers;

/// <summary>Turns a driver's declared resources into windows and interrupts: all of them, or none and a reason.</summary>
internal sealed class ResourceGranter
{
    private readonly IPortSpace _ports;
    private readonly IPhysicalMemory _memory;
    private readonly InterruptDispatcher _interrupts;
    private readonly ResourceLedger _ledger = new();
    private readonly ILog _log;

    public ResourceGranter(IPortSpace ports, IPhysicalMemory memory, InterruptDispatcher interrupts, ILog log)
    {
        _ports = ports;
        _memory = memory;
        _interrupts = interrupts;
        _log = log;
    }

    /// <summary>Where the interrupts of PCI functions go; null without PCI. To be set before the first of them is bound.</summary>
    public PciInterruptRouter? InterruptRouter { get; set; }

    /// <summary>Grants everything in the list.</summary>
    /// <param name="device">The device that the resources are of.</param>
    /// <param name="requests">What its driver declared.</param>
    /// <param name="owner">For messages: driver and device.</param>
    /// <param name="onInterruptFailure">Called when the driver's interrupt handler has thrown.</param>
    /// <exception cref="ResourceException">Something is not there, or is somebody else's; nothing is granted.</exception>
    public ResourceGrants Grant(BusDevice device, IReadOnlyList<ResourceRequest> requests, string owner, Action<Exception> onInterruptFailure)
    {
        var grants = new ResourceGrants(_ledger);
        try
        {
            foreach (ResourceRequest request in requests)
                GrantOne(grants, device, request, owner, onInterruptFailure);
            return grants;
        }
        catch (Exception exception)
        {
            grants.Dispose();
            if (exception is ResourceException)
                throw;
            throw new ResourceException($"{owner}: {exception.Message}", exception);
        }
    }

    private static PciDevice RequirePci(BusDevice device, ResourceRequest request) =>
        device as PciDevice ?? throw new ResourceException($"'{request.Name}': {device.Bus} {device.Location} is not a PCI function.");

    private void GrantOne(ResourceGrants grants, BusDevice device, ResourceRequest request, string owner, Action<Exception> onInterruptFailure)
    {
        switch (request)
        {
            case BarRequest bar:
                GrantBar(grants, RequirePci(device, request), bar, owner);
                break;
            case PortRequest port:
                if (port.Length <= 0 || port.FirstPort + port.Length > 0x10000)
                    throw new ResourceException($"'{port.Name}': ports 0x{port.FirstPort:x} with a length of {port.Length} are not a range.");
                Claim(grants, RegisterSpace.Port, port.FirstPort, (ulong)port.Length, owner);
                grants.Add(port.Name, new PortWindow(_ports, port.FirstPort, port.Length));
                break;
            case IsaInterruptRequest isa:
                if (isa.Irq is < 0 or > 15)
                    throw new ResourceException($"'{isa.Name}': there is no ISA interrupt {isa.Irq}.");
                grants.Add(isa.Name, _interrupts.OpenLine(isa.Irq, InterruptFlags.Isa, onInterruptFailure));
                break;
            case PciInterruptRequest:
                GrantPciInterrupt(grants, RequirePci(device, request), request.Name, onInterruptFailure);
                break;
            case DynamicMemoryRequest:
                if (!_ledger.TryClaimMemory(grants, owner, out string error))
                    throw new ResourceException($"'{request.Name}': {error}");
                grants.HasDynamicMemory = true;
                break;
            default:
                throw new ResourceException($"'{request.Name}': the kernel does not know {request.GetType().Name}.");
        }
    }

    private void Claim(ResourceGrants grants, RegisterSpace space, ulong first, ulong length, string owner)
    {
        if (!_ledger.TryClaim(space, first, length, grants, owner, out string error))
            throw new ResourceException(error);
    }

    private void GrantBar(ResourceGrants grants, PciDevice device, BarRequest request, string owner)
    {
        PciBar bar = request.Bar >= 0 && request.Bar < device.Bars.Count ? device.Bars[request.Bar] : default;
        if (bar.Length == 0)
            throw new ResourceException($"'{request.Name}': {device.Address} has no base address register {request.Bar}.");
        if (bar.Address == 0)
            throw new ResourceException($"'{request.Name}': firmware has given base address register {request.Bar} of {device.Address} no address.");
        ulong offset = (ulong)request.Offset;
        ulong length = request.Length != 0 ? (ulong)request.Length : bar.Length - Math.Min(offset, bar.Length);
        if (request.Offset < 0 || request.Length < 0 || length is 0 or > int.MaxValue || offset + length > bar.Length)
        {
            throw new ResourceException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{request.Name}': bytes {request.Offset} to {request.Offset + (long)length} are not inside base address register {request.Bar} of {device.Address}, which has {bar.Length}."));
        }

        ulong first = bar.Address + offset;
        Claim(grants, bar.Space, first, length, owner);
        ushort command = device.Configuration.Read16(PciRegisters.Command);
        ushort decode = bar.Space == RegisterSpace.Port ? PciRegisters.CommandIo : PciRegisters.CommandMemory;
        if ((command & decode) == 0)
            device.Configuration.Write16(PciRegisters.Command, (ushort)(command | decode));
        if (bar.Space == RegisterSpace.Port && first + length > 0x10000)
            throw new ResourceException($"'{request.Name}': ports 0x{first:x} on are not reachable.");
        grants.Add(request.Name, bar.Space == RegisterSpace.Port
            ? new PortWindow(_ports, (ushort)first, (int)length)
            : _memory.MapRegisters(first, (int)length));
    }

    private void GrantPciInterrupt(ResourceGrants grants, PciDevice device, string name, Action<Exception> onFailure)
    {
        if (MsiCapability.TryFind(device.Configuration, out MsiCapability? msi) && TryGrantMessage(grants, device, msi, name, onFailure))
            return;
        if (InterruptRouter is null)
            throw new ResourceException($"'{name}': there is no interrupt routing.");
        if (!InterruptRouter.TryRoute(device, out PciInterruptRoute route, out string error))
            throw new ResourceException($"'{name}': {error}");
        ushort command = device.Configuration.Read16(PciRegisters.Command);
        device.Configuration.Write16(PciRegisters.Command, (ushort)(command & ~PciRegisters.CommandInterruptDisable));
        grants.Add(name, _interrupts.OpenLine(route.Number, route.Flags, onFailure), () => DisableLine(device));
    }

    private bool TryGrantMessage(ResourceGrants grants, PciDevice device, MsiCapability msi, string name, Action<Exception> onFailure)
    {
        InterruptGrant grant;
        ulong address;
        uint data;
        try
        {
            grant = _interrupts.OpenMessage(out address, out data, onFailure);
        }
        catch (KernelCallException exception)
        {
            _log.Info($"PCI: {device.Address} uses its interrupt line: {exception.Message}");
            return false;
        }

        if (!msi.Reaches(address))
        {
            grant.Dispose();
            return false;
        }

        msi.Enable(address, data);
        grants.Add(name, grant, msi.Disable);
        return true;
    }

    private static void DisableLine(PciDevice device)
    {
        ushort command = device.Configuration.Read16(PciRegisters.Command);
        device.Configuration.Write16(PciRegisters.Command, (ushort)(command | PciRegisters.CommandInterruptDisable));
    }
}
