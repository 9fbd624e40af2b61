namespace GuestOS.Machine.Processors;

/// <summary>
/// Pages that firmware or the low-level kernel has shared with the hypervisor already, before the managed kernel came up: its registers
/// say where they are.
/// </summary>
public interface ISharedPages
{
    /// <summary>Gives access to one such page. Disposing of the buffer gives up the access; the page stays what it is.</summary>
    /// <param name="page">Address of the page.</param>
    /// <exception cref="ArgumentException">The address is not that of a page of this machine's memory.</exception>
    DmaBuffer Adopt(PhysicalAddress page);
}
