using System.Buffers;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Memory;

/// <summary>One page of memory that somebody else has allocated.</summary>
internal sealed class AdoptedBuffer(MemoryRegion region, PhysicalAddress page, int offset) : DmaBuffer
{
    public override PhysicalAddress PhysicalAddress => page;

    public override int Length => SimulatedMemory.PageSize;

    public override Span<byte> GetSpan() => region.Bytes.AsSpan(offset, Length);

    public override MemoryHandle Pin(int elementIndex = 0) => region.Pin(elementIndex);

    public override void Unpin() => region.Unpin();

    protected override void Dispose(bool disposing)
    {
        // Not ours to free.
    }
}
