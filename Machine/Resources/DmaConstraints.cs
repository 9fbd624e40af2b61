namespace GuestOS.Machine;

/// <summary>What a device can address.</summary>
/// <param name="HighestAddress">Highest byte address that the device reaches, inclusive; 0xFFFFFFFF for a 32-bit device.</param>
/// <param name="Alignment">Alignment of the start of a segment in bytes, a power of two; also of its length.</param>
/// <param name="Boundary">A segment must not cross a multiple of this, a power of two; 0 means no boundary.</param>
/// <param name="LongestSegment">Longest segment in bytes.</param>
public readonly record struct DmaConstraints(ulong HighestAddress, int Alignment = 1, ulong Boundary = 0, int LongestSegment = int.MaxValue)
{
    /// <summary>Any address, any alignment.</summary>
    public static DmaConstraints None => new(ulong.MaxValue);

    /// <summary>Below 4 GiB.</summary>
    public static DmaConstraints Below4GiB => new(0xFFFF_FFFF);

    /// <summary>Below 16 MiB: ISA bus masters.</summary>
    public static DmaConstraints Below16MiB => new(0x00FF_FFFF);
}

/// <summary>One physically contiguous piece of a buffer.</summary>
/// <param name="Address">Guest-physical address of the first byte.</param>
/// <param name="Length">Length in bytes.</param>
public readonly record struct DmaSegment(PhysicalAddress Address, int Length);
