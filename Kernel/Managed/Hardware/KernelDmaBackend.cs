using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Pages of the low-level kernel. Physical memory is identity-mapped below 512 GiB.</summary>
internal sealed unsafe class KernelDmaBackend : IDmaBackend
{
    public nuint Allocate(int length, in DmaConstraints constraints)
    {
        long address = KernelEntry.Call(
            KernelCall.DmaAllocate, (ulong)length, constraints.HighestAddress, (ulong)constraints.Alignment, constraints.Boundary);
        return address > 0 ? (nuint)address : 0;
    }

    public void Free(nuint address, int length) => KernelEntry.Require(KernelCall.DmaFree, address, (ulong)length);

    public bool TryTranslate(nuint address, int length, Span<Segment> segments, out int count)
    {
        long result;
        fixed (Segment* first = segments)
            result = KernelEntry.Call(KernelCall.DmaTranslate, address, (ulong)length, (ulong)first, (ulong)segments.Length);
        count = result > 0 ? (int)result : 0;
        return result > 0;
    }
}
