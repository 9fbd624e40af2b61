using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Tests.Queues;

public sealed class PooledTaskTests
{
    [Fact]
    public void It_goes_back_once_its_result_is_taken_and_serves_again()
    {
        var work = new Work();
        for (int life = 1; life <= 3; life++)
        {
            ValueTask<int> task = work.Task;
            Assert.False(task.IsCompleted);
            work.End(life);
            Assert.Equal((true, life - 1), (task.IsCompletedSuccessfully, work.Recycled));
            Assert.Equal((life, life), (task.Result, work.Recycled));
        }
    }

    [Fact]
    public void A_failure_is_a_result_too()
    {
        var work = new Work();
        ValueTask<int> task = work.Task;
        work.End(new IOException("gone"));
        Assert.Throws<IOException>(() => task.Result);
        Assert.Equal(1, work.Recycled);
    }

    [Fact]
    public void A_result_that_is_not_there_and_one_that_was_taken_leave_it_alone()
    {
        var work = new Work();
        ValueTask<int> first = work.Task;
        Assert.Throws<InvalidOperationException>(() => first.GetAwaiter().GetResult());
        work.End(1);
        Assert.Equal(1, first.Result);
        Assert.Throws<InvalidOperationException>(() => first.GetAwaiter().GetResult());
        Assert.Equal(1, work.Recycled);
        ValueTask<int> second = work.Task;
        work.End(2);
        Assert.Equal(2, second.Result);
    }

    [Fact]
    public void A_token_reaches_it_while_it_watches_and_in_that_life_only()
    {
        using var stop = new CancellationTokenSource();
        using var early = new CancellationTokenSource();
        var work = new Work();
        ValueTask<int> task = work.Task;
        work.Watch(early.Token);
        work.ForgetToken();
        early.Cancel();
        Assert.Equal(0, work.Cancelled);
        work.Watch(stop.Token);
        work.End(1);
        Assert.Equal(1, task.Result);
        stop.Cancel();
        Assert.Equal(0, work.Cancelled);
        work.Watch(stop.Token);
        Assert.Equal(1, work.Cancelled);
    }

    private sealed class Work() : PooledTask<Work, int>(runContinuationsAsynchronously: false)
    {
        public int Recycled { get; private set; }

        public int Cancelled { get; private set; }

        public void Watch(CancellationToken token) => WatchToken(token);

        public void End(int result) => Complete(result);

        public void End(Exception exception) => Fail(exception);

        protected override void Cancel() => Cancelled++;

        protected override void Recycle() => Recycled++;
    }
}
