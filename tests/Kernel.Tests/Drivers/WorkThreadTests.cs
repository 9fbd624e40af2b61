using GuestOS.Kernel.Drivers;
using GuestOS.Machine;
using GuestOS.Machine.Processors;
using Xunit;

namespace GuestOS.Kernel.Tests.Drivers;

public sealed class WorkThreadTests : IDisposable
{
    private readonly FirstLine _log = new();
    private readonly SemaphoreSlim _runs = new(0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task Work_runs_at_once_and_then_only_when_it_is_woken()
    {
        int count = 0;
        IWorkThread thread = Start(() =>
        {
            count++;
            _runs.Release();
            return count == 3 ? null : Timeout.InfiniteTimeSpan;
        });
        await _runs.WaitAsync(Cancellation);
        thread.Wake();
        await _runs.WaitAsync(Cancellation);
        thread.Wake();
        await _runs.WaitAsync(Cancellation);
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task A_wake_up_during_a_run_makes_it_run_again()
    {
        using var mayEnd = new SemaphoreSlim(0);
        int count = 0;
        IWorkThread thread = Start(() =>
        {
            _runs.Release();
            mayEnd.Wait();
            return ++count == 2 ? null : Timeout.InfiniteTimeSpan;
        });
        await _runs.WaitAsync(Cancellation);
        thread.Wake();
        thread.Wake();
        mayEnd.Release(2);
        await _runs.WaitAsync(Cancellation);
        Assert.Equal(0, _runs.CurrentCount);
    }

    [Fact]
    public async Task Work_runs_again_when_its_time_has_come_on_the_same_thread_and_not_before()
    {
        var threads = new List<(int Id, bool IsPool)>();
        long start = 0;
        TimeSpan between = default;
        var time = TimeSpan.FromMilliseconds(20.2);
        Start(() =>
        {
            threads.Add((Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread));
            if (threads.Count == 2)
            {
                between = TimeProvider.System.GetElapsedTime(start);
                _runs.Release();
                return null;
            }

            start = TimeProvider.System.GetTimestamp();
            return time;
        });
        await _runs.WaitAsync(Cancellation);
        Assert.Equal(threads[0], threads[1]);
        Assert.False(threads[0].IsPool);
        Assert.True(between >= time, $"after {between}");
    }

    [Fact]
    public async Task Work_that_throws_ends_its_thread_alone_and_is_logged()
    {
        IWorkThread thread = Start(() => throw new InvalidOperationException("no more of this"));
        string line = await _log.Line.WaitAsync(Cancellation);
        Assert.StartsWith("Error dev0: work: the thread ends: System.InvalidOperationException: no more of this", line, StringComparison.Ordinal);
        thread.Wake();
    }

    private IWorkThread Start(Func<TimeSpan?> work) => new WorkThreads("dev0", _log).Start("work", work);

    private sealed class FirstLine : ILog
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public void Write(LogLevel level, string message) => _line.TrySetResult($"{level} {message}");
    }
}
