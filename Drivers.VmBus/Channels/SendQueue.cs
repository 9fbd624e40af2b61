namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Waiting packets in the order in which they came, linked through them. Under the port's lock.</summary>
internal struct SendQueue
{
    private SendWaiter? _last;

    public SendWaiter? First { get; private set; }

    public readonly bool IsEmpty => First is null;

    public void Enqueue(SendWaiter waiter)
    {
        waiter.Next = null;
        if (_last is null)
            First = waiter;
        else
            _last.Next = waiter;
        _last = waiter;
    }

    public bool Remove(SendWaiter waiter)
    {
        SendWaiter? previous = null;
        for (var current = First; current is not null; previous = current, current = current.Next)
        {
            if (!ReferenceEquals(current, waiter))
                continue;
            if (previous is null)
                First = current.Next;
            else
                previous.Next = current.Next;
            if (ReferenceEquals(_last, current))
                _last = previous;
            current.Next = null;
            return true;
        }

        return false;
    }
}
