namespace GuestOS.Kernel.Core;

/// <summary>
/// The part of the address space in which firmware tables may lie. Every address and length in a table is the firmware's word only:
/// it is held against these bounds before anything is read through it.
/// </summary>
internal static class AcpiMemory
{
    /// <summary>First address that may be read. The kernel sets 4096: page 0 is not mapped.</summary>
    public static ulong Lowest;

    /// <summary>First address that may not be read any more. The kernel sets the end of its identity map.</summary>
    public static ulong Highest;

    /// <summary>True when all of [address, address + length) may be read; never wraps.</summary>
    public static bool Contains(ulong address, ulong length)
        => address >= Lowest && length <= Highest && address <= Highest - length;
}
