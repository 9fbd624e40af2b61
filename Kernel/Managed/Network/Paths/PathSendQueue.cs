namespace GuestOS.Kernel.Network.Paths;

/// <summary>Sends in the order in which they came, linked through them. Under the interface's lock.</summary>
internal sealed class PathSendQueue
{
    private PathSend? _first;
    private PathSend? _last;

    public void Enqueue(PathSend send)
    {
        send.Next = null;
        if (_last is null)
            _first = send;
        else
            _last.Next = send;
        _last = send;
    }

    public PathSend? Dequeue()
    {
        PathSend? send = _first;
        if (send is not null)
            Remove(send);
        return send;
    }

    public bool Remove(PathSend send)
    {
        PathSend? previous = null;
        for (PathSend? current = _first; current is not null; previous = current, current = current.Next)
        {
            if (current != send)
                continue;
            if (previous is null)
                _first = current.Next;
            else
                previous.Next = current.Next;
            if (_last == current)
                _last = previous;
            current.Next = null;
            return true;
        }

        return false;
    }
}
