using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>A thread pool that a test runs itself; posting allocates nothing, as in the kernel.</summary>
internal sealed class QueueExecutor : IExecutor
{
    private readonly IThreadPoolWorkItem?[] _items = new IThreadPoolWorkItem[1024];
    private int _first;
    private int _count;

    public void Post(IThreadPoolWorkItem item)
    {
        _items[(_first + _count) % _items.Length] = item;
        if (++_count > _items.Length)
            throw new InvalidOperationException("Too much to do.");
    }

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
