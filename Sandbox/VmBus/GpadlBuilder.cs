using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A GPADL whose bodies are still coming.</summary>
internal sealed class GpadlBuilder
{
    private readonly byte[] _buffer;
    private readonly int _rangeCount;
    private int _filled;

    public GpadlBuilder(RelId relId, GpadlId id, int length, int rangeCount)
    {
        RelId = relId;
        Id = id;
        _buffer = new byte[length];
        _rangeCount = rangeCount;
    }

    public RelId RelId { get; }

    public GpadlId Id { get; }

    public bool IsComplete => _filled == _buffer.Length;

    /// <summary>Takes the next piece; what is beyond the announced length is ignored, as full-size messages of firmware need.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        piece = piece[..Math.Min(piece.Length, _buffer.Length - _filled)];
        piece.CopyTo(_buffer.AsSpan(_filled));
        _filled += piece.Length;
    }

    /// <summary>The one range; null, with a reason, when it is not sound.</summary>
    public (int Offset, int Length, ulong[] Frames)? TryParse(out string reason)
    {
        reason = "";
        if (_rangeCount != 1)
            return Refuse($"{_rangeCount} ranges", out reason);
        if (_buffer.Length < 8)
            return Refuse($"a range buffer of {_buffer.Length} bytes", out reason);
        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(_buffer);
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(4));
        if (bytes is 0 or > int.MaxValue)
            return Refuse($"byte count {bytes}", out reason);
        if (offset > 0xFFF)
            return Refuse($"byte offset {offset}", out reason);
        var pages = (int)(((long)bytes + offset + 4095) / 4096);
        if (8 + (8L * pages) > _buffer.Length)
            return Refuse($"{(_buffer.Length - 8) / 8} frames for {pages} pages", out reason);
        var frames = new ulong[pages];
        for (var i = 0; i < pages; i++)
            frames[i] = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(8 + (8 * i)));
        return ((int)offset, (int)bytes, frames);
    }

    private static (int Offset, int Length, ulong[] Frames)? Refuse(string what, out string reason)
    {
        reason = what;
        return null;
    }
}
