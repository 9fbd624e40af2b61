namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// Messages between the channel's thread, which copies them in, and the owner's loop, which takes them out. While it is full the channel
/// is paused, so that the host waits. LOCKING: its own.
/// </summary>
internal sealed class MessageInbox
{
    private const int Capacity = 4;

    private readonly Lock _gate = new();
    private readonly byte[][] _messages = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private int _first;
    private int _count;

    /// <param name="largest">Bytes of the largest message.</param>
    public MessageInbox(int largest)
    {
        for (int i = 0; i < Capacity; i++)
            _messages[i] = new byte[largest];
    }

    /// <summary>Copies a message in. False when there is no room for it.</summary>
    /// <param name="message">At most as long as the largest one.</param>
    /// <param name="isFull">There is no room for a further one.</param>
    public bool TryAdd(ReadOnlySpan<byte> message, out bool isFull)
    {
        lock (_gate)
        {
            isFull = _count == Capacity;
            if (isFull)
                return false;
            int place = (_first + _count) % Capacity;
            message.CopyTo(_messages[place]);
            _lengths[place] = message.Length;
            isFull = ++_count == Capacity;
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

    /// <summary>Removes the oldest message. True when there had been no room before.</summary>
    public bool Remove()
    {
        lock (_gate)
        {
            _first = (_first + 1) % Capacity;
            return _count-- == Capacity;
        }
    }
}
