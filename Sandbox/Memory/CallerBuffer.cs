using System.Buffers;

namespace GuestOS.Sandbox.Memory;

/// <summary>Memory of a program in the guest: contiguous for the program, page by page anywhere for a device.</summary>
public sealed class CallerBuffer : MemoryManager<byte>
{
    private readonly SimulatedMemory _owner;
    private readonly int _offset;

    internal CallerBuffer(SimulatedMemory owner, MemoryRegion region, int offset)
    {
        _owner = owner;
        Region = region;
        _offset = offset;
    }

    /// <summary>How often it is mapped for devices now.</summary>
    public int PinCount => Region.PinCount;

    /// <summary>Byte of the first page at which it starts.</summary>
    public int OffsetInPage => _offset;

    internal MemoryRegion Region { get; }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Region.Bytes.AsSpan(_offset, Region.Length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => Region.Pin(elementIndex);

    /// <inheritdoc/>
    public override void Unpin() => Region.Unpin();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _owner.Free(Region);
}
