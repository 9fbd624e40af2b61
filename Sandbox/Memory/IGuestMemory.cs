namespace GuestOS.Sandbox.Memory;

/// <summary>Guest-physical memory as a device model sees it.</summary>
public interface IGuestMemory
{
    /// <summary>A bus-master read. False when the address is nobody's.</summary>
    bool TryRead(ulong address, Span<byte> destination);

    /// <summary>A bus-master write. False when the address is nobody's, or memory that no device may write now.</summary>
    bool TryWrite(ulong address, ReadOnlySpan<byte> source);
}
