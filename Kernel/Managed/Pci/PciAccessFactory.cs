using GuestOS.Kernel.Hardware;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Finds the way to configuration space that this machine has.</summary>
internal static class PciAccessFactory
{
    /// <summary>Null on a machine without PCI.</summary>
    public static IPciAccess? Find(IPortSpace ports, IPhysicalMemory memory, ulong mcfgTable, ILog log)
    {
        var port = new PciPortAccess(ports);
        bool hasPorts = port.Probe();
        PciMemoryAccess? mapped = mcfgTable == 0 ? null : FromTable(memory, mcfgTable, log);
        if (mapped is null)
            return hasPorts ? port : null;
        if (!hasPorts)
            return mapped;

        // A table that points elsewhere shows itself at the host bridge, which both ways must see alike.
        var hostBridge = new PciAddress(0, 0, 0, 0);
        uint expected = port.Read32(hostBridge, PciRegisters.VendorId);
        uint found = mapped.Read32(hostBridge, PciRegisters.VendorId);
        if (expected == found)
            return mapped;
        log.Warning($"PCI: the memory-mapped configuration space shows {found:x8} at {hostBridge} where the ports show {expected:x8}; using the ports.");
        return port;
    }

    private static PciMemoryAccess? FromTable(IPhysicalMemory memory, ulong address, ILog log)
    {
        try
        {
            if (McfgTable.TryReadLength(memory.Read(address, McfgTable.HeaderLength), out int length)
                && McfgTable.TryRead(memory.Read(address, length), out IReadOnlyList<McfgEntry>? entries))
            {
                return entries.Count == 0 ? null : new PciMemoryAccess(memory, entries);
            }

            log.Warning("PCI: the firmware's MCFG table is damaged; it is ignored.");
        }
        catch (ArgumentOutOfRangeException exception)
        {
            log.Warning($"PCI: the firmware's MCFG table cannot be read: {exception.Message}");
        }

        return null;
    }
}
