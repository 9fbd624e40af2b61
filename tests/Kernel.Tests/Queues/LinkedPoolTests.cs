using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Tests.Queues;

public sealed class LinkedPoolTests
{
    [Fact]
    public void It_keeps_so_many_and_gives_each_out_once()
    {
        var pool = new LinkedPool<Item>(2);
        Item[] items = [new(), new(), new()];
        Assert.Null(pool.Rent());
        foreach (Item item in items)
            pool.Return(item);
        Assert.Equal([items[1], items[0]], [pool.Rent(), pool.Rent()]);
        Assert.Null(pool.Rent());
        Assert.All(items, item => Assert.Null(item.Next));
        pool.Return(items[2]);
        Assert.Same(items[2], pool.Rent());
    }

    private sealed class Item : Linked<Item>;
}
