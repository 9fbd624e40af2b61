namespace GuestOS.Machine;

/// <summary>Where the registers of a window live.</summary>
public enum RegisterSpace
{
    /// <summary>x86 I/O ports (IN, OUT, INS, OUTS).</summary>
    Port,

    /// <summary>Uncached memory-mapped registers.</summary>
    Memory,
}

/// <summary>
/// A contiguous range of device registers granted to one driver: I/O ports or memory-mapped registers.
/// Offsets are in bytes from the start of the window. An access that leaves the window throws
/// <see cref="ArgumentOutOfRangeException"/> before it touches hardware, so a driver can never reach what it did not declare.
/// Accesses are neither merged nor reordered with each other. A device that is gone reads as all ones.
/// </summary>
public interface IRegisterWindow
{
    /// <summary>Ports or memory.</summary>
    RegisterSpace Space { get; }

    /// <summary>First port number, or guest-physical address, of the window; for messages only.</summary>
    ulong BaseAddress { get; }

    /// <summary>Size of the window in bytes.</summary>
    int Length { get; }

    /// <summary>Reads an 8-bit register.</summary>
    byte Read8(int offset);

    /// <summary>Reads a 16-bit register.</summary>
    ushort Read16(int offset);

    /// <summary>Reads a 32-bit register.</summary>
    uint Read32(int offset);

    /// <summary>Writes an 8-bit register.</summary>
    void Write8(int offset, byte value);

    /// <summary>Writes a 16-bit register.</summary>
    void Write16(int offset, ushort value);

    /// <summary>Writes a 32-bit register.</summary>
    void Write32(int offset, uint value);

    /// <summary>Reads the same 16-bit register repeatedly (REP INSW on ports) until <paramref name="destination"/> is full.</summary>
    /// <exception cref="ArgumentException">The length of <paramref name="destination"/> is odd.</exception>
    void ReadRepeated16(int offset, Span<byte> destination);

    /// <summary>Writes the same 16-bit register repeatedly (REP OUTSW on ports) with all of <paramref name="source"/>.</summary>
    /// <exception cref="ArgumentException">The length of <paramref name="source"/> is odd.</exception>
    void WriteRepeated16(int offset, ReadOnlySpan<byte> source);
}
