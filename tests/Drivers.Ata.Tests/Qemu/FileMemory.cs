using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using GuestOS.Machine;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>The memory of the machine in QEMU: a file that both processes map. Buffers are handed out once and not reused.</summary>
internal sealed class FileMemory : IDmaMemory, IDisposable
{
    private const int FirstByte = 1 << 20;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly unsafe byte* _start;
    private readonly int _size;
    private int _next = FirstByte;

    public unsafe FileMemory(string path, int size)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, size, MemoryMappedFileAccess.ReadWrite);
        _view = _file.CreateViewAccessor(0, size);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _size = size;
    }

    public DmaBuffer Allocate(int length, in DmaConstraints constraints)
    {
        var boundary = Math.Max(4096, (int)constraints.Boundary);
        var first = _next / boundary == (_next + length - 1) / boundary ? _next : (_next + boundary - 1) / boundary * boundary;
        _next = (first + length + 4095) & ~4095;
        return _next <= _size ? new Piece(this, first, length) : throw new InsufficientMemoryException();
    }

    public bool TryMap(ReadOnlyMemory<byte> memory, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out MemoryHandle pin)
    {
        count = 0;
        pin = default;
        if (!MemoryMarshal.TryGetMemoryManager<byte, Piece>(memory, out var piece, out var start, out var length))
            return false;
        segments[count++] = new DmaSegment(piece.PhysicalAddress + (ulong)start, length);
        return true;
    }

    public void WriteBarrier() => Interlocked.MemoryBarrier();

    public void ReadBarrier() => Interlocked.MemoryBarrier();

    public void FullBarrier() => Interlocked.MemoryBarrier();

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private sealed class Piece(FileMemory owner, int first, int length) : DmaBuffer
    {
        public override PhysicalAddress PhysicalAddress => new((ulong)first);

        public override int Length => length;

        public override unsafe Span<byte> GetSpan() => new(owner._start + first, length);

        public override unsafe MemoryHandle Pin(int elementIndex = 0) => new(owner._start + first + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
