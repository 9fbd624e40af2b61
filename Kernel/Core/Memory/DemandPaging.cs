namespace GuestOS.Kernel.Core;

internal enum FaultResult
{
    /// <summary>The page is there now.</summary>
    Resolved,

    /// <summary>The access breaks the mapping's protection or hits none.</summary>
    Violation,

    /// <summary>No physical page is left.</summary>
    OutOfMemory,
}

/// <summary>Makes pages of mappings present. LOCKING: the kernel lock.</summary>
internal static unsafe class DemandPaging
{
    public static ulong FaultCount;

    public static FaultResult Resolve(ulong address, bool write, bool execute)
    {
        Mapping* mapping = AddressSpace.Find(address);
        if (mapping == null)
            return FaultResult.Violation;
        uint protection = mapping->Protection;
        uint needed = write ? Protection.Write : execute ? Protection.Execute : Protection.Read | Protection.Write | Protection.Execute;
        if ((protection & needed) == 0)
            return FaultResult.Violation;
        ulong* entry = PageTables.Entry(address, 0, create: true);
        if (entry == null)
            return FaultResult.OutOfMemory;
        if ((*entry & PageTables.Present) == 0)
        {
            ulong page = PhysicalMemory.AllocatePage();
            if (page == 0)
                return FaultResult.OutOfMemory;
            *entry = page | AddressSpace.PageFlags(protection) | (mapping->Use != Mapping.General ? PageTables.Stack : 0);
            AddressSpace.ResidentPages++;
            if (AddressSpace.IsPromised(*entry))
                AddressSpace.ResidentPromisedPages++;
            FaultCount++;
        }
        else
        {
            // Another processor was faster, or this one's translation is stale.
            Cpu.InvalidatePage(address);
        }

        return FaultResult.Resolved;
    }

    /// <summary>Makes a range present before the kernel itself touches it on behalf of a caller.</summary>
    public static bool Populate(ulong address, ulong length, bool write)
    {
        if (length == 0)
            return true;
        ulong last = address + length - 1;
        if (last < address)
            return false;
        for (ulong page = Page.Down(address); page <= last; page += Page.Size)
        {
            ulong* entry = PageTables.Entry(page, 0, create: false);
            if (entry != null && (*entry & PageTables.Present) != 0 && (!write || (*entry & PageTables.Writable) != 0))
                continue;
            if (Resolve(page, write, execute: false) != FaultResult.Resolved)
                return false;
        }

        return true;
    }
}
