using GuestOS.Machine.Processors;

namespace GuestOS.Sandbox.Scheduling;

/// <summary>The guest's thread pool on the simulated clock: posted items run later, in an order that the clock's seed decides.</summary>
public sealed class SimulatedExecutor : IExecutor
{
    private readonly TimeProvider _clock;

    /// <param name="clock">Time.</param>
    public SimulatedExecutor(TimeProvider clock) => _clock = clock;

    /// <inheritdoc/>
    public void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var once = new Once(item);
        once.Timer = _clock.CreateTimer(static state => ((Once)state!).Run(), once, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        once.Timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private sealed class Once(IThreadPoolWorkItem item)
    {
        public ITimer? Timer { get; set; }

        public void Run()
        {
            Timer?.Dispose();
            item.Execute();
        }
    }
}
