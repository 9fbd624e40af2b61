namespace GuestOS.Drivers.Ata;

/// <summary>First in, first out, linked through the requests. Under the channel's lock.</summary>
internal sealed class RequestQueue
{
    private DriveRequest? _head;
    private DriveRequest? _tail;

    /// <summary>What <see cref="Dequeue"/> would return.</summary>
    public DriveRequest? First => _head;

    public void Enqueue(DriveRequest request)
    {
        request.Next = null;
        if (_tail is null)
            _head = request;
        else
            _tail.Next = request;
        _tail = request;
        request.State = RequestState.Queued;
    }

    /// <summary>For a request that has more to do, or is to be tried again: it keeps its place.</summary>
    public void PutBack(DriveRequest request)
    {
        request.Next = _head;
        _head = request;
        _tail ??= request;
        request.State = RequestState.Queued;
    }

    public DriveRequest? Dequeue()
    {
        var request = _head;
        if (request is null)
            return null;
        _head = request.Next;
        if (_head is null)
            _tail = null;
        request.Next = null;
        return request;
    }

    public bool Remove(DriveRequest request)
    {
        DriveRequest? previous = null;
        for (var current = _head; current is not null; previous = current, current = current.Next)
        {
            if (!ReferenceEquals(current, request))
                continue;
            if (previous is null)
                _head = current.Next;
            else
                previous.Next = current.Next;
            if (ReferenceEquals(_tail, current))
                _tail = previous;
            current.Next = null;
            return true;
        }

        return false;
    }

    /// <summary>Appends all of <paramref name="other"/>, which is empty afterwards.</summary>
    public void TakeAll(RequestQueue other)
    {
        if (other._head is null)
            return;
        if (_tail is null)
            _head = other._head;
        else
            _tail.Next = other._head;
        _tail = other._tail;
        other._head = null;
        other._tail = null;
    }
}
