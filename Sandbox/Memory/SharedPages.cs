using System.Buffers;
using System.Runtime.InteropServices;

namespace GuestOS.Sandbox.Memory;

/// <summary>A list of guest pages that a model shares with the guest, seen as one stretch of bytes.</summary>
public sealed class SharedPages : IDisposable
{
    private readonly Memory<byte>[] _pages;
    private readonly MemoryHandle[] _pins;

    private SharedPages(Memory<byte>[] pages, MemoryHandle[] pins)
    {
        _pages = pages;
        _pins = pins;
    }

    /// <summary>Bytes.</summary>
    public int Length => _pages.Length * SimulatedMemory.PageSize;

    /// <summary>Pages.</summary>
    public int Count => _pages.Length;

    /// <summary>True after <see cref="Dispose"/>.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Shares these pages. Null, with nothing shared, when one of them is not memory that devices may use.</summary>
    public static SharedPages? TryOpen(IGuestMemory memory, ReadOnlySpan<ulong> frames)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var pages = new Memory<byte>[frames.Length];
        var pins = new MemoryHandle[frames.Length];
        for (var i = 0; i < frames.Length; i++)
        {
            if (memory.TryShare(frames[i], out pages[i], out pins[i]))
                continue;
            for (var k = 0; k < i; k++)
                pins[k].Dispose();
            return null;
        }

        return new SharedPages(pages, pins);
    }

    /// <summary>A 32-bit word; <paramref name="offset"/> is a multiple of 4.</summary>
    public ref uint Word(int offset) =>
        ref MemoryMarshal.AsRef<uint>(Page(offset / SimulatedMemory.PageSize)[(offset % SimulatedMemory.PageSize)..]);

    /// <summary>One page.</summary>
    public Span<byte> Page(int index)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return _pages[index].Span;
    }

    /// <summary>Copies out.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var piece = Page(offset / SimulatedMemory.PageSize)[(offset % SimulatedMemory.PageSize)..];
            var count = Math.Min(piece.Length, destination.Length);
            piece[..count].CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Copies in.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            var piece = Page(offset / SimulatedMemory.PageSize)[(offset % SimulatedMemory.PageSize)..];
            var count = Math.Min(piece.Length, source.Length);
            source[..count].CopyTo(piece);
            source = source[count..];
            offset += count;
        }
    }

    /// <summary>The pages are the guest's alone again.</summary>
    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        foreach (var pin in _pins)
            pin.Dispose();
    }
}
