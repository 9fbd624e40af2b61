using System.Globalization;
using System.Runtime.InteropServices;

namespace GuestOS.Testing.Block;

/// <summary>
/// A model of a medium under concurrent requests: which contents every block may have, by every write that was issued, by when it ended and
/// by the flushes that were acknowledged. Each write fills its blocks with a stamp of its own, so that a content says whose it is.
/// A write may be found from its start on, until another one has replaced it that started after its end and was acknowledged.
/// </summary>
public sealed class BlockHistory
{
    /// <summary>Bytes in a block of the model.</summary>
    public const int BlockSize = 512;

    private const long Never = long.MaxValue;

    private readonly List<Write>[] _blocks;
    private readonly Dictionary<ulong, Write> _writes = [];
    private long _now;
    private ulong _lastStamp;
    private long _flushedUpTo = -1;

    /// <param name="blocks">Size of the medium, all zeros at first.</param>
    public BlockHistory(int blocks)
    {
        var zeros = new Write(0, -2) { End = -2, IsAcknowledged = true };
        _writes.Add(0, zeros);
        _blocks = new List<Write>[blocks];
        for (var i = 0; i < blocks; i++)
            _blocks[i] = [zeros];
    }

    /// <summary>What was wrong; empty when all is well.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Size of the medium.</summary>
    public int BlockCount => _blocks.Length;

    /// <summary>A moment of the model's time.</summary>
    public long Now => ++_now;

    /// <summary>A write is about to be issued: fills its data, and returns its stamp.</summary>
    public ulong BeginWrite(int block, Span<byte> data)
    {
        var write = new Write(++_lastStamp, Now);
        _writes.Add(write.Stamp, write);
        MemoryMarshal.Cast<byte, ulong>(data).Fill(write.Stamp);
        for (var i = 0; i < data.Length / BlockSize; i++)
            _blocks[block + i].Add(write);
        return write.Stamp;
    }

    /// <summary>A write has ended. One that was not acknowledged may or may not be on the medium, but nobody carries it out any more.</summary>
    public void EndWrite(ulong stamp, bool isAcknowledged)
    {
        var write = _writes[stamp];
        write.End = Now;
        write.IsAcknowledged = isAcknowledged;
    }

    /// <summary>A flush that was issued at this moment was acknowledged.</summary>
    public void EndFlush(long start) => _flushedUpTo = Math.Max(_flushedUpTo, start);

    /// <summary>A device carries a block of a write out.</summary>
    public void Execute(string device, ulong stamp)
    {
        if (_writes[stamp].End != Never)
            Violations.Add($"{device} carried write {stamp} out after it had ended");
    }

    /// <summary>Judges what a read gave that was issued at this moment.</summary>
    public void CheckRead(long start, int block, ReadOnlySpan<byte> data)
    {
        for (var i = 0; i < data.Length / BlockSize; i++)
            Check($"read of block {block + i}", start, block + i, data.Slice(i * BlockSize, BlockSize));
    }

    /// <summary>Judges the medium while nothing is on its way.</summary>
    public void CheckMedium(int block, ReadOnlySpan<byte> content) => Check($"medium at block {block}", Now, block, content);

    /// <summary>Judges what would be left after a loss of power: everything that was acknowledged before the last acknowledged flush was issued.</summary>
    public void CheckDurable(int block, ReadOnlySpan<byte> content) => Check($"durable medium at block {block}", _flushedUpTo, block, content);

    private void Check(string what, long since, int block, ReadOnlySpan<byte> content)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(content);
        var stamp = words[0];
        if (words.ContainsAnyExcept(stamp))
            Violations.Add($"{what}: parts of several writes");
        else if (!_writes.TryGetValue(stamp, out var found) || !_blocks[block].Contains(found))
            Violations.Add($"{what}: {stamp} was never written here");
        else if (_blocks[block].Find(other => other.Start > found.End && other.IsAcknowledged && other.End < since) is { } newer)
            Violations.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {stamp}, but {newer.Stamp} was acknowledged since"));
    }

    private sealed class Write(ulong stamp, long start)
    {
        public ulong Stamp { get; } = stamp;

        public long Start { get; } = start;

        public long End { get; set; } = Never;

        public bool IsAcknowledged { get; set; }
    }
}
