using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Network;

/// <summary>Requests in the order in which they came, linked through them. Not thread-safe; do not copy.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "A field of its owner, never compared.")]
public struct SendQueue
{
    private SendRequest? _last;

    /// <summary>The one that came first.</summary>
    public SendRequest? First { get; private set; }

    /// <summary>Appends.</summary>
    public void Enqueue(SendRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Next = null;
        if (_last is null)
            First = request;
        else
            _last.Next = request;
        _last = request;
    }

    /// <summary>Takes the first one out, which there must be.</summary>
    public void RemoveFirst()
    {
        var request = First!;
        First = request.Next;
        if (First is null)
            _last = null;
        request.Next = null;
    }

    /// <summary>Takes one out. False when it is not in the queue.</summary>
    public bool Remove(SendRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
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
