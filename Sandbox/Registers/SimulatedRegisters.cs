using System.Buffers.Binary;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Registers;

/// <summary>A register window over a device model. Counts what goes through it.</summary>
public sealed class SimulatedRegisters : IRegisterWindow
{
    private readonly IRegisterTarget _target;
    private readonly int _first;

    /// <param name="target">The model's block.</param>
    /// <param name="space">Ports or memory.</param>
    /// <param name="baseAddress">For messages.</param>
    /// <param name="first">First byte of the window in the block.</param>
    /// <param name="length">Bytes.</param>
    public SimulatedRegisters(IRegisterTarget target, RegisterSpace space, ulong baseAddress, int first, int length)
    {
        _target = target;
        _first = first;
        Space = space;
        BaseAddress = baseAddress;
        Length = length;
    }

    /// <inheritdoc/>
    public RegisterSpace Space { get; }

    /// <inheritdoc/>
    public ulong BaseAddress { get; }

    /// <inheritdoc/>
    public int Length { get; }

    /// <summary>Single reads.</summary>
    public long Reads { get; private set; }

    /// <summary>Single writes.</summary>
    public long Writes { get; private set; }

    /// <inheritdoc/>
    public byte Read8(int offset) => (byte)Read(offset, 1);

    /// <inheritdoc/>
    public ushort Read16(int offset) => (ushort)Read(offset, 2);

    /// <inheritdoc/>
    public uint Read32(int offset) => Read(offset, 4);

    /// <inheritdoc/>
    public void Write8(int offset, byte value) => Write(offset, 1, value);

    /// <inheritdoc/>
    public void Write16(int offset, ushort value) => Write(offset, 2, value);

    /// <inheritdoc/>
    public void Write32(int offset, uint value) => Write(offset, 4, value);

    /// <inheritdoc/>
    public void ReadRepeated16(int offset, Span<byte> destination)
    {
        Check(offset, 2, destination.Length);
        for (var i = 0; i < destination.Length; i += 2)
            BinaryPrimitives.WriteUInt16LittleEndian(destination[i..], (ushort)_target.Read(_first + offset, 2));
    }

    /// <inheritdoc/>
    public void WriteRepeated16(int offset, ReadOnlySpan<byte> source)
    {
        Check(offset, 2, source.Length);
        for (var i = 0; i < source.Length; i += 2)
            _target.Write(_first + offset, 2, BinaryPrimitives.ReadUInt16LittleEndian(source[i..]));
    }

    private uint Read(int offset, int size)
    {
        Check(offset, size, size);
        Reads++;
        return _target.Read(_first + offset, size);
    }

    private void Write(int offset, int size, uint value)
    {
        Check(offset, size, size);
        Writes++;
        _target.Write(_first + offset, size, value);
    }

    private void Check(int offset, int size, int total)
    {
        if (offset < 0 || offset > Length - size)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{size} bytes do not lie inside the window of {Length}.");
        if (total % size != 0)
            throw new ArgumentException("Odd length.", nameof(total));
    }
}
