namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// Messages between the channel's thread, which copies them in, and the owner's loop, which takes them out. While it is full the channel
/// is paused, so that the host waits.
/// LOCKING: its own, under which the channel is paused and resumed: were it paused after that, the owner could have emptied the inbox
/// meanwhile, and nobody would resume it.
/// </summary>
internal sealed class MessageInbox
{
    private const int Capacity = 4;

    private readonly Lock _gate = new();
    private readonly byte[][] _messages = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private readonly Action _pause;
    private readonly Action _resume;
    private int _first;
    private int _count;

    /// <param name="largest">Bytes of the largest message.</param>
    /// <param name="pause">There is no room any more. Neither may wait, nor call back.</param>
    /// <param name="resume">There is some again.</param>
    public MessageInbox(int largest, Action pause, Action resume)
    {
        _pause = pause;
        _resume = resume;
        for (int i = 0; i < Capacity; i++)
            _messages[i] = new byte[largest];
    }

    /// <summary>Copies a message in, and pauses when there is no room for a further one. False when there is none for this one.</summary>
    /// <param name="message">At most as long as the largest one.</param>
    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_count == Capacity)
                return false;
            int place = (_first + _count) % Capacity;
            message.CopyTo(_messages[place]);
            _lengths[place] = message.Length;
            if (++_count == Capacity)
                _pause();
            return true;
        }
    }

    /// <summary>The oldest message, which stays until <see cref="Remove"/>; false when there is none.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            message = _count == 0 ? default : _messages[_first].AsSpan(0, _lengths[_first]);
            return _count != 0;
        }
    }

    /// <summary>Removes the oldest message, and resumes when there had been no room before.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            _first = (_first + 1) % Capacity;
            if (_count-- == Capacity)
                _resume();
        }
    }
}
