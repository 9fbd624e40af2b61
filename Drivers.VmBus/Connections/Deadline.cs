namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The end of a wait (rule V10). Made, disposed and fired on the pump; once disposed it does nothing.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly Pump _pump;
    private readonly Action _action;
    private readonly ITimer _timer;
    private bool _isOver;

    private Deadline(TimeProvider clock, Pump pump, Action action)
    {
        _pump = pump;
        _action = action;
        _timer = clock.CreateTimer(static state => ((Deadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public static Deadline Start(TimeProvider clock, Pump pump, TimeSpan time, Action action)
    {
        var deadline = new Deadline(clock, pump, action);
        deadline._timer.Change(time, Timeout.InfiniteTimeSpan);
        return deadline;
    }

    public void Dispose()
    {
        _isOver = true;
        _timer.Dispose();
    }

    private void OnTimer() => _pump.Post(() =>
    {
        if (_isOver)
            return;
        Dispose();
        _action();
    });
}
