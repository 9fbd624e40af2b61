using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Queues;

/// <summary>What has served and may serve again, linked through it. Not thread-safe; do not copy.</summary>
/// <typeparam name="T">What is in it.</typeparam>
/// <param name="most">How many it keeps.</param>
[SuppressMessage("Performance", "CA1815", Justification = "A field of its owner, never compared.")]
public struct LinkedPool<T>(int most)
    where T : Linked<T>
{
    private readonly int _most = most;
    private T? _first;
    private int _count;

    /// <summary>Takes one out; null when there is none.</summary>
    public T? Rent()
    {
        var item = _first;
        if (item is null)
            return null;
        _first = item.Next;
        item.Next = null;
        _count--;
        return item;
    }

    /// <summary>Puts one in, unless there are enough.</summary>
    public void Return(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (_count == _most)
            return;
        item.Next = _first;
        _first = item;
        _count++;
    }
}
