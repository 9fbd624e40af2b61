using GuestOS.Machine.Processors;

namespace GuestOS.Sandbox.Scheduling;

/// <summary>Work threads on the simulated clock: a run is a timer that is due now or later, among all others in the order that the clock's seed decides.</summary>
public sealed class SimulatedWorkThreads : IWorkThreads
{
    private readonly TimeProvider _clock;

    /// <param name="clock">Time.</param>
    public SimulatedWorkThreads(TimeProvider clock) => _clock = clock;

    /// <inheritdoc/>
    public IWorkThread Start(string name, Func<TimeSpan?> work) => new SimulatedThread(_clock, work);

    private sealed class SimulatedThread : IWorkThread
    {
        private readonly Lock _gate = new();
        private readonly Func<TimeSpan?> _work;
        private readonly ITimer _timer;
        private bool _isRunning;
        private bool _isWoken;

        public SimulatedThread(TimeProvider clock, Func<TimeSpan?> work)
        {
            _work = work;
            _timer = clock.CreateTimer(static state => ((SimulatedThread)state!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Wake();
        }

        public void Wake()
        {
            lock (_gate)
            {
                _isWoken = true;
                if (!_isRunning)
                    _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }

        private void Run()
        {
            lock (_gate)
            {
                // A real clock may fire once more for a time that was set before.
                if (_isRunning)
                    return;
                _isRunning = true;
                _isWoken = false;
            }

            var time = _work();
            if (time is null)
            {
                _timer.Dispose();
                return;
            }

            lock (_gate)
            {
                _isRunning = false;
                _timer.Change(_isWoken ? TimeSpan.Zero : time.Value, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
