using System.Buffers.Binary;

namespace GuestOS.Drivers.Tulip;

/// <summary>Reads little-endian values until they run out; then every read fails.</summary>
internal ref struct SpanReader
{
    private ReadOnlySpan<byte> _left;

    public SpanReader(ReadOnlySpan<byte> bytes) => _left = bytes;

    public readonly int Left => _left.Length;

    public bool TryRead8(out byte value)
    {
        value = 0;
        if (_left.IsEmpty)
            return false;
        value = _left[0];
        _left = _left[1..];
        return true;
    }

    public bool TryRead16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(_left, out value))
            return false;
        _left = _left[2..];
        return true;
    }

    public bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if ((uint)count > (uint)_left.Length)
            return false;
        bytes = _left[..count];
        _left = _left[count..];
        return true;
    }

    /// <summary>A count, and as many values of one or two bytes.</summary>
    public bool TryReadSequence(bool wide, out ushort[] values)
    {
        values = [];
        if (!TryRead8(out var count) || !TryTake(wide ? count * 2 : count, out var bytes))
            return false;
        values = new ushort[count];
        for (var i = 0; i < count; i++)
            values[i] = wide ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]) : bytes[i];
        return true;
    }
}
