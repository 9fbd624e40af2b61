using System.Buffers;

namespace GuestOS.Kernel.Hardware;

/// <summary>Memory outside the managed heap as <see cref="Memory{T}"/>. Its owner keeps it valid.</summary>
internal sealed unsafe class UnmanagedMemory : MemoryManager<byte>
{
    private readonly byte* _first;
    private readonly int _length;

    public UnmanagedMemory(nuint address, int length)
    {
        _first = (byte*)address;
        _length = length;
    }

    public override Span<byte> GetSpan() => new(_first, _length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        return new MemoryHandle(_first + elementIndex);
    }

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // The memory belongs to somebody else.
    }
}
