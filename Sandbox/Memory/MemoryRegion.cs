using System.Buffers;

namespace GuestOS.Sandbox.Memory;

/// <summary>Bytes of the guest, and the page frames at which devices see them.</summary>
internal sealed class MemoryRegion : IPinnable
{
    private readonly ulong[] _frames;
    private int _pins;

    public MemoryRegion(byte[] bytes, int length, ulong[] frames, bool isDeviceMemory)
    {
        Bytes = bytes;
        Length = length;
        IsDeviceMemory = isDeviceMemory;
        _frames = frames;
    }

    public byte[] Bytes { get; }

    /// <summary>As asked for; <see cref="Bytes"/> is whole pages.</summary>
    public int Length { get; }

    /// <summary>Allocated for devices: always theirs to write, until it is freed.</summary>
    public bool IsDeviceMemory { get; }

    public ReadOnlySpan<ulong> Frames => _frames;

    public bool IsPinned => Volatile.Read(ref _pins) > 0;

    /// <summary>Pins minus unpins; 0 at rest.</summary>
    public int PinCount => Volatile.Read(ref _pins);

    public MemoryHandle Pin(int elementIndex)
    {
        Interlocked.Increment(ref _pins);
        unsafe
        {
            return new MemoryHandle(null, default, this);
        }
    }

    public void Unpin() => Interlocked.Decrement(ref _pins);
}
