using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>Pages that the low-level kernel shares with the hypervisor.</summary>
internal sealed class KernelSharedPages : ISharedPages
{
    private const ulong PageSize = 4096;

    private readonly ulong _memoryEnd;

    /// <param name="memoryEnd">One past the highest byte of memory.</param>
    public KernelSharedPages(ulong memoryEnd) => _memoryEnd = memoryEnd;

    public DmaBuffer Adopt(PhysicalAddress page)
    {
        // Page 0 is not mapped.
        if (page.Value == 0 || page.Value % PageSize != 0 || page.Value >= _memoryEnd)
            throw new ArgumentException($"{page} is not a page of memory.", nameof(page));
        return new KernelDmaBuffer(owner: null, (nuint)page.Value, (int)PageSize);
    }
}
