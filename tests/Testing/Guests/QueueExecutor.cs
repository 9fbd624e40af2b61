using GuestOS.Machine.Processors;

namespace GuestOS.Testing.Guests;

/// <summary>A thread pool that a test runs itself; posting allocates nothing, as in the kernel.</summary>
public sealed class QueueExecutor : IExecutor
{
    private readonly IThreadPoolWorkItem?[] _items = new IThreadPoolWorkItem[1024];
    private int _first;
    private int _count;

    /// <inheritdoc/>
    public void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        _items[(_first + _count) % _items.Length] = item;
        if (++_count > _items.Length)
            throw new InvalidOperationException("Too much to do.");
    }

    /// <summary>Does the first thing that is to be done; false when nothing is.</summary>
    public bool TryRun()
    {
        if (_count == 0)
            return false;
        var item = _items[_first]!;
        _first = (_first + 1) % _items.Length;
        _count--;
        item.Execute();
        return true;
    }
}
