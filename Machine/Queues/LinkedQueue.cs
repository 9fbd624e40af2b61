using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Queues;

/// <summary>First in, first out, linked through what is in it: nothing is allocated. Not thread-safe; do not copy.</summary>
/// <typeparam name="T">What is in it.</typeparam>
[SuppressMessage("Performance", "CA1815", Justification = "A field of its owner, never compared.")]
public struct LinkedQueue<T>
    where T : Linked<T>
{
    private T? _last;

    /// <summary>What came first and is still in it; null when nothing is.</summary>
    public T? First { readonly get; private set; }

    /// <summary>Nothing is in it.</summary>
    public readonly bool IsEmpty => First is null;

    /// <summary>Appends.</summary>
    public void Enqueue(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        item.Next = null;
        if (_last is null)
            First = item;
        else
            _last.Next = item;
        _last = item;
    }

    /// <summary>Puts before all others.</summary>
    public void PutBack(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        item.Next = First;
        First = item;
        _last ??= item;
    }

    /// <summary>Takes the first one out; null when there is none.</summary>
    public T? Dequeue()
    {
        var item = First;
        if (item is null)
            return null;
        First = item.Next;
        if (First is null)
            _last = null;
        item.Next = null;
        return item;
    }

    /// <summary>Takes one out wherever it is. False when it is not in the queue.</summary>
    public bool Remove(T item)
    {
        T? previous = null;
        for (var current = First; current is not null; previous = current, current = current.Next)
        {
            if (!ReferenceEquals(current, item))
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

    /// <summary>Appends all of <paramref name="other"/>, which is empty afterwards.</summary>
    public void TakeAll(ref LinkedQueue<T> other)
    {
        if (other.First is null)
            return;
        if (_last is null)
            First = other.First;
        else
            _last.Next = other.First;
        _last = other._last;
        other = default;
    }
}
