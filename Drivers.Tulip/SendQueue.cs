namespace GuestOS.Drivers.Tulip;

/// <summary>Requests in the order in which they came, linked through them. Under the adapter's lock.</summary>
internal struct SendQueue
{
    private SendRequest? _last;

    public SendRequest? First { get; private set; }

    public void Enqueue(SendRequest request)
    {
        request.Next = null;
        if (_last is null)
            First = request;
        else
            _last.Next = request;
        _last = request;
    }

    public void RemoveFirst()
    {
        var request = First!;
        First = request.Next;
        if (First is null)
            _last = null;
        request.Next = null;
    }

    public bool Remove(SendRequest request)
    {
        SendRequest? previous = null;
        for (var current = First; current is not null; previous = current, current = current.Next)
        {
            if (!ReferenceEquals(current, request))
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
