using System.Buffers.Binary;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>A granted range of memory-mapped registers. Volatile accesses of an uncached mapping: neither merged nor reordered.</summary>
internal sealed unsafe class MmioWindow : IRegisterWindow
{
    private readonly byte* _base;

    /// <param name="mapping">Virtual address of the first register; must stay mapped as long as the window lives.</param>
    /// <param name="physical">Guest-physical address of it.</param>
    /// <param name="length">Length in bytes.</param>
    public MmioWindow(nuint mapping, ulong physical, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _base = (byte*)mapping;
        BaseAddress = physical;
        Length = length;
    }

    public RegisterSpace Space => RegisterSpace.Memory;

    public ulong BaseAddress { get; }

    public int Length { get; }

    public byte Read8(int offset) => Volatile.Read(ref *At(offset, 1));

    public ushort Read16(int offset) => Volatile.Read(ref *(ushort*)At(offset, 2));

    public uint Read32(int offset) => Volatile.Read(ref *(uint*)At(offset, 4));

    public void Write8(int offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    public void Write16(int offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, 2), value);

    public void Write32(int offset, uint value) => Volatile.Write(ref *(uint*)At(offset, 4), value);

    public void ReadRepeated16(int offset, Span<byte> destination)
    {
        WindowBounds.CheckEven(destination.Length);
        ushort* register = (ushort*)At(offset, 2);
        for (; !destination.IsEmpty; destination = destination[2..])
            BinaryPrimitives.WriteUInt16LittleEndian(destination, Volatile.Read(ref *register));
    }

    public void WriteRepeated16(int offset, ReadOnlySpan<byte> source)
    {
        WindowBounds.CheckEven(source.Length);
        ushort* register = (ushort*)At(offset, 2);
        for (; !source.IsEmpty; source = source[2..])
            Volatile.Write(ref *register, BinaryPrimitives.ReadUInt16LittleEndian(source));
    }

    private byte* At(int offset, int size)
    {
        WindowBounds.Check(this, Length, offset, size);
        return _base + offset;
    }
}
