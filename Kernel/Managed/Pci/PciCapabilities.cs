using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>One entry of a function's capability list.</summary>
/// <param name="Id">Capability id, for example 5 for MSI.</param>
/// <param name="Offset">Where it starts in configuration space.</param>
internal readonly record struct PciCapability(byte Id, int Offset);

/// <summary>Walks the capability list (PCI Local Bus 3.0 section 6.7).</summary>
internal static class PciCapabilities
{
    private const int FirstOffset = 0x40;

    /// <summary>As many aligned entries as fit between 0x40 and 0xFF: a longer list goes in circles.</summary>
    private const int MostEntries = (0x100 - FirstOffset) / 4;

    /// <summary>The list in order; ends early, without error, where a device's list is broken.</summary>
    public static IReadOnlyList<PciCapability> Read(IPciConfiguration configuration)
    {
        var list = new List<PciCapability>();
        if ((configuration.Read16(PciRegisters.Status) & PciRegisters.StatusHasCapabilities) == 0)
            return list;
        int offset = configuration.Read8(PciRegisters.Capabilities) & 0xFC;
        while (offset >= FirstOffset && list.Count < MostEntries)
        {
            byte id = configuration.Read8(offset);
            if (id == byte.MaxValue || list.Exists(entry => entry.Offset == offset))
                break;
            list.Add(new PciCapability(id, offset));
            offset = configuration.Read8(offset + 1) & 0xFC;
        }

        return list;
    }

    /// <summary>The first entry with this id.</summary>
    public static bool TryFind(IPciConfiguration configuration, byte id, out PciCapability capability)
    {
        foreach (PciCapability entry in Read(configuration))
        {
            if (entry.Id == id)
            {
                capability = entry;
                return true;
            }
        }

        capability = default;
        return false;
    }
}
