using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>A place in the data of a ring that moves on and wraps.</summary>
internal ref struct RingCursor
{
    private readonly Span<byte> _data;
    private int _at;

    public RingCursor(Span<byte> data, uint at)
    {
        _data = data;
        _at = (int)at;
    }

    /// <summary>Writes a structure or a number.</summary>
    public void Write<T>(scoped in T value)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() < _data.Length - _at)
        {
            MemoryMarshal.Write(_data[_at..], in value);
            _at += Unsafe.SizeOf<T>();
            return;
        }

        Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        var room = _data.Length - _at;
        if (bytes.Length < room)
        {
            bytes.CopyTo(_data[_at..]);
            _at += bytes.Length;
            return;
        }

        bytes[..room].CopyTo(_data[_at..]);
        bytes[room..].CopyTo(_data);
        _at = bytes.Length - room;
    }

    public void WriteZeros(int count)
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0, 0, 0, 0, 0, 0];
        Write(zeros[..count]);
    }

    public void Read(scoped Span<byte> bytes)
    {
        var room = _data.Length - _at;
        if (bytes.Length < room)
        {
            _data.Slice(_at, bytes.Length).CopyTo(bytes);
            _at += bytes.Length;
            return;
        }

        _data[_at..].CopyTo(bytes);
        _data[..(bytes.Length - room)].CopyTo(bytes[room..]);
        _at = bytes.Length - room;
    }
}
