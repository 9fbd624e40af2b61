namespace GuestOS.Kernel.Block.Paths;

/// <summary>First in, first out, linked through the requests. Under the disk's lock.</summary>
internal sealed class PathRequestQueue
{
    private PathRequest? _head;
    private PathRequest? _tail;

    public void Enqueue(PathRequest request)
    {
        request.Next = null;
        if (_tail is null)
            _head = request;
        else
            _tail.Next = request;
        _tail = request;
    }

    public PathRequest? Dequeue()
    {
        PathRequest? request = _head;
        if (request is null)
            return null;
        _head = request.Next;
        if (_head is null)
            _tail = null;
        request.Next = null;
        return request;
    }

    public bool Remove(PathRequest request)
    {
        PathRequest? previous = null;
        for (PathRequest? current = _head; current is not null; previous = current, current = current.Next)
        {
            if (current != request)
                continue;
            if (previous is null)
                _head = current.Next;
            else
                previous.Next = current.Next;
            if (_tail == current)
                _tail = previous;
            current.Next = null;
            return true;
        }

        return false;
    }
}
