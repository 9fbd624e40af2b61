using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <summary>Guest memory that a packet or GPADL names, as one stretch of bytes. Nothing outside of it is ever touched.</summary>
public sealed class GuestBuffer
{
    private readonly IGuestMemory? _memory;
    private readonly (ulong Address, int Length)[] _pieces;
    private readonly Action<string>? _report;

    internal GuestBuffer(IGuestMemory? memory, (ulong Address, int Length)[] pieces, Action<string>? report)
    {
        _memory = memory;
        _pieces = pieces;
        _report = report;
        foreach (var piece in pieces)
            Length += piece.Length;
    }

    /// <summary>No memory.</summary>
    public static GuestBuffer Empty { get; } = new(null, [], null);

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>Copies out. False, and reported as the guest's error, when it is out of bounds or there is no such memory.</summary>
    public bool TryRead(int offset, Span<byte> destination)
    {
        if (!Contains(offset, destination.Length, "read"))
            return false;
        foreach (var (address, length) in _pieces)
        {
            if (destination.IsEmpty)
                break;
            if (offset >= length)
            {
                offset -= length;
                continue;
            }

            var count = Math.Min(length - offset, destination.Length);
            if (!_memory!.TryRead(address + (ulong)offset, destination[..count]))
                return Refuse($"there is no memory at {address:x}");
            destination = destination[count..];
            offset = 0;
        }

        return true;
    }

    /// <summary>Copies in. False, and reported as the guest's error, when it is out of bounds or there is no such memory.</summary>
    public bool TryWrite(int offset, ReadOnlySpan<byte> source)
    {
        if (!Contains(offset, source.Length, "write"))
            return false;
        foreach (var (address, length) in _pieces)
        {
            if (source.IsEmpty)
                break;
            if (offset >= length)
            {
                offset -= length;
                continue;
            }

            var count = Math.Min(length - offset, source.Length);
            if (!_memory!.TryWrite(address + (ulong)offset, source[..count]))
                return Refuse($"there is no memory at {address:x}");
            source = source[count..];
            offset = 0;
        }

        return true;
    }

    /// <summary>All of it; null when it cannot be read.</summary>
    public byte[]? ToArray()
    {
        var bytes = new byte[Length];
        return TryRead(0, bytes) ? bytes : null;
    }

    private bool Contains(int offset, int count, string what) =>
        (offset >= 0 && offset <= Length && count <= Length - offset) || Refuse($"{what} of {count} bytes at {offset} in a buffer of {Length}");

    private bool Refuse(string what)
    {
        _report?.Invoke(what);
        return false;
    }
}
