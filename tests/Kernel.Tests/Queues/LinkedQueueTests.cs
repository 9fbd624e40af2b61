using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Tests.Queues;

public sealed class LinkedQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_list(int seed)
    {
        var random = new Random(seed);
        LinkedQueue<Item> queue = default, other = default;
        List<Item> list = [], otherList = [];
        List<Item> free = [.. Enumerable.Range(0, 8).Select(_ => new Item())];
        for (int step = 0; step < 5000; step++)
        {
            switch (random.Next(6))
            {
                case 0 when free.Count > 0:
                    list.Add(free[0]);
                    queue.Enqueue(free[0]);
                    free.RemoveAt(0);
                    break;
                case 1 when free.Count > 0:
                    list.Insert(0, free[0]);
                    queue.PutBack(free[0]);
                    free.RemoveAt(0);
                    break;
                case 2 when free.Count > 0:
                    otherList.Add(free[0]);
                    other.Enqueue(free[0]);
                    free.RemoveAt(0);
                    break;
                case 3:
                    Assert.Same(list.FirstOrDefault(), queue.Dequeue());
                    free.AddRange(list.Take(1));
                    list = [.. list.Skip(1)];
                    break;
                case 4 when list.Count > 0:
                    Item item = list[random.Next(list.Count)];
                    Assert.True(queue.Remove(item));
                    Assert.False(queue.Remove(item));
                    list.Remove(item);
                    free.Add(item);
                    break;
                case 5 when random.Next(4) == 0:
                    queue.TakeAll(ref other);
                    list.AddRange(otherList);
                    otherList.Clear();
                    break;
            }

            Assert.Equal(list, Walk(queue.First));
            Assert.Equal(otherList, Walk(other.First));
            Assert.Equal(list.Count == 0, queue.IsEmpty);
            Assert.All(free, item => Assert.Null(item.Next));
        }
    }

    private static List<Item> Walk(Item? first)
    {
        var items = new List<Item>();
        for (Item? item = first; item is not null; item = item.Next)
            items.Add(item);
        return items;
    }

    private sealed class Item : Linked<Item>;
}
