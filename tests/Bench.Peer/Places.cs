namespace GuestOS.Bench.Peer;

/// <summary>Where requests go: one after the other and from the start again, or anywhere.</summary>
/// <param name="count">Number of places.</param>
/// <param name="random">Anywhere, by xorshift64 (Marsaglia 2003).</param>
internal sealed class Places(long count, bool random)
{
    private ulong _state = 0x9E37_79B9_7F4A_7C15;
    private long _next;

    /// <summary>The next place.</summary>
    public long Next()
    {
        if (!random)
        {
            var place = _next++;
            if (_next == count)
                _next = 0;
            return place;
        }

        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (long)(_state % (ulong)count);
    }
}
