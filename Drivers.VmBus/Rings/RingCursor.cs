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

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        var first = Math.Min(bytes.Length, _data.Length - _at);
        bytes[..first].CopyTo(_data[_at..]);
        bytes[first..].CopyTo(_data);
        Move(bytes.Length);
    }

    public void WriteZeros(int count)
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0, 0, 0, 0, 0, 0];
        Write(zeros[..count]);
    }

    public void Read(scoped Span<byte> bytes)
    {
        var first = Math.Min(bytes.Length, _data.Length - _at);
        _data.Slice(_at, first).CopyTo(bytes);
        _data[..(bytes.Length - first)].CopyTo(bytes[first..]);
        Move(bytes.Length);
    }

    private void Move(int count)
    {
        _at += count;
        if (_at >= _data.Length)
            _at -= _data.Length;
    }
}
