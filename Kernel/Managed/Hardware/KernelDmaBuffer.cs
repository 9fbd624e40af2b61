using System.Buffers;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Contiguous pages of the low-level kernel as managed memory.</summary>
internal sealed unsafe class KernelDmaBuffer : DmaBuffer
{
    private readonly IDmaBackend? _owner;
    private readonly byte* _first;
    private int _isFreed;

    /// <param name="owner">Where the pages go back to; null when they belong to somebody else.</param>
    /// <param name="address">Where they are.</param>
    /// <param name="length">Bytes.</param>
    public KernelDmaBuffer(IDmaBackend? owner, nuint address, int length)
    {
        _owner = owner;
        _first = (byte*)address;
        Length = length;
    }

    public override PhysicalAddress PhysicalAddress => new((ulong)_first);

    public override int Length { get; }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_isFreed != 0, this);
        return new Span<byte>(_first, Length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_isFreed != 0, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length, nameof(elementIndex));
        return new MemoryHandle(_first + elementIndex);
    }

    public override void Unpin()
    {
        // The pages never move.
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isFreed, 1) == 0)
            _owner?.Free((nuint)_first, Length);
    }
}
