using System.Buffers;

namespace GuestOS.Sandbox.Memory;

/// <summary>Guest-physical memory as a device model sees it.</summary>
public interface IGuestMemory
{
    /// <summary>A bus-master read. False when the address is nobody's.</summary>
    bool TryRead(ulong address, Span<byte> destination);

    /// <summary>A bus-master write. False when the address is nobody's, or memory that no device may write now.</summary>
    bool TryWrite(ulong address, ReadOnlySpan<byte> source);

    /// <summary>
    /// A page that the model shares with the guest until the pin is disposed: both see each other's accesses at once, and may use atomic
    /// ones. False when there is no memory that a device may use.
    /// </summary>
    /// <param name="frame">Page frame number: address / 4096.</param>
    /// <param name="page">The page.</param>
    /// <param name="pin">Dispose it when the page is not used any more.</param>
    bool TryShare(ulong frame, out Memory<byte> page, out MemoryHandle pin);
}
