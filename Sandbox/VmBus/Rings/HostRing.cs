using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus.Rings;

/// <summary>Where a ring lies in a GPADL: the fields of its control page, and its data as the host sees them.</summary>
public sealed class HostRing
{
    private readonly SharedPages _pages;
    private readonly int _start;

    /// <param name="pages">The GPADL.</param>
    /// <param name="firstPage">Page of the control page.</param>
    /// <param name="pageCount">Control page and data.</param>
    public HostRing(SharedPages pages, int firstPage, int pageCount)
    {
        _pages = pages;
        _start = firstPage * 4096;
        Size = (uint)(pageCount - 1) * 4096;
    }

    /// <summary>Bytes of data.</summary>
    public uint Size { get; }

    /// <summary>Write index.</summary>
    public uint In
    {
        get => Volatile.Read(ref _pages.Word(_start));
        set => Volatile.Write(ref _pages.Word(_start), value);
    }

    /// <summary>Read index.</summary>
    public uint Out
    {
        get => Volatile.Read(ref _pages.Word(_start + 4));
        set => Volatile.Write(ref _pages.Word(_start + 4), value);
    }

    /// <summary>The consumer wants no signal.</summary>
    public uint Mask
    {
        get => Volatile.Read(ref _pages.Word(_start + 8));
        set => Volatile.Write(ref _pages.Word(_start + 8), value);
    }

    /// <summary>What a blocked producer needs.</summary>
    public uint Pending
    {
        get => Volatile.Read(ref _pages.Word(_start + 12));
        set => Volatile.Write(ref _pages.Word(_start + 12), value);
    }

    /// <summary>Feature bits.</summary>
    public uint Features
    {
        get => Volatile.Read(ref _pages.Word(_start + 64));
        set => Volatile.Write(ref _pages.Word(_start + 64), value);
    }

    /// <summary>Copies data out, wrapping.</summary>
    public void Read(uint index, Span<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var at = (index + (uint)done) % Size;
            var count = (int)Math.Min(Size - at, (uint)(bytes.Length - done));
            _pages.Read(_start + 4096 + (int)at, bytes.Slice(done, count));
            done += count;
        }
    }

    /// <summary>Copies data in, wrapping.</summary>
    public void Write(uint index, ReadOnlySpan<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var at = (index + (uint)done) % Size;
            var count = (int)Math.Min(Size - at, (uint)(bytes.Length - done));
            _pages.Write(_start + 4096 + (int)at, bytes.Slice(done, count));
            done += count;
        }
    }
}
