namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Pages to be shared: neighbours from a first one on, or any.</summary>
internal readonly struct FrameList
{
    private readonly ReadOnlyMemory<ulong> _frames;
    private readonly ulong _first;

    public FrameList(ulong first, int count)
    {
        _first = first;
        Count = count;
    }

    public FrameList(ReadOnlyMemory<ulong> frames)
    {
        _frames = frames;
        Count = frames.Length;
    }

    public int Count { get; }

    public long Bytes => Count * 4096L;

    public ulong this[int index] => _frames.IsEmpty ? _first + (ulong)index : _frames.Span[index];
}
