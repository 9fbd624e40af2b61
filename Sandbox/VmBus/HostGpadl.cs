using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <summary>Memory that the guest shares with one channel for as long as it wants.</summary>
public sealed class HostGpadl : IDisposable
{
    private readonly SharedPages _pages;
    private readonly Action<string> _report;
    private readonly ulong[] _frames;

    internal HostGpadl(GpadlId id, RelId relId, SharedPages pages, ulong[] frames, int offset, int length, Action<string> report)
    {
        Id = id;
        RelId = relId;
        _pages = pages;
        _frames = frames;
        Offset = offset;
        Length = length;
        _report = report;
    }

    /// <summary>The guest's handle.</summary>
    public GpadlId Id { get; }

    /// <summary>The channel on which it was set up.</summary>
    public RelId RelId { get; }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>Where it starts in its first page.</summary>
    public int Offset { get; }

    /// <summary>Page frame numbers.</summary>
    public IReadOnlyList<ulong> Frames => _frames;

    /// <summary>True once the host has let go of it.</summary>
    public bool IsReleased => _pages.IsDisposed;

    internal SharedPages Pages => _pages;

    /// <summary>Copies out. False when it is out of bounds.</summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        if (!Contains(offset, destination.Length, "read"))
            return false;
        _pages.Read(Offset + (int)offset, destination);
        return true;
    }

    /// <summary>Copies in. False when it is out of bounds.</summary>
    public bool TryWrite(long offset, ReadOnlySpan<byte> source)
    {
        if (!Contains(offset, source.Length, "write"))
            return false;
        _pages.Write(Offset + (int)offset, source);
        return true;
    }

    /// <summary>The host lets go.</summary>
    public void Dispose() => _pages.Dispose();

    private bool Contains(long offset, int count, string what)
    {
        if (!IsReleased && offset >= 0 && offset <= Length && count <= Length - offset)
            return true;
        _report($"{what} of {count} bytes at {offset} in GPADL {Id} of {Length}{(IsReleased ? ", which is released" : "")}");
        return false;
    }
}
