namespace GuestOS.Kernel.Core;

/// <summary>Device registers in memory: every call is exactly one access of that width, never merged or dropped.</summary>
internal static unsafe class Mmio
{
    /// <summary>Reads 8 bits.</summary>
    public static byte Read8(ulong address) => Volatile.Read(ref *(byte*)address);

    /// <summary>Reads 16 bits.</summary>
    public static ushort Read16(ulong address) => Volatile.Read(ref *(ushort*)address);

    /// <summary>Reads 32 bits.</summary>
    public static uint Read32(ulong address) => Volatile.Read(ref *(uint*)address);

    /// <summary>Writes 8 bits.</summary>
    public static void Write8(ulong address, byte value) => Volatile.Write(ref *(byte*)address, value);

    /// <summary>Writes 16 bits.</summary>
    public static void Write16(ulong address, ushort value) => Volatile.Write(ref *(ushort*)address, value);

    /// <summary>Writes 32 bits.</summary>
    public static void Write32(ulong address, uint value) => Volatile.Write(ref *(uint*)address, value);
}
