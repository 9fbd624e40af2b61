using System.Buffers;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Memory;

/// <summary>Memory made by <see cref="SimulatedMemory.Allocate"/>.</summary>
internal sealed class SimulatedBuffer : DmaBuffer
{
    private readonly SimulatedMemory _owner;

    public SimulatedBuffer(SimulatedMemory owner, MemoryRegion region)
    {
        _owner = owner;
        Region = region;
    }

    public MemoryRegion Region { get; }

    public override PhysicalAddress PhysicalAddress => new(Region.Frames[0] * SimulatedMemory.PageSize);

    public override int Length => Region.Length;

    public override Span<byte> GetSpan() => Region.Bytes.AsSpan(0, Region.Length);

    public override MemoryHandle Pin(int elementIndex = 0) => Region.Pin(elementIndex);

    public override void Unpin() => Region.Unpin();

    protected override void Dispose(bool disposing) => _owner.Free(Region);
}
