namespace GuestOS.Sandbox.VmBus;

/// <summary>Something that a channel's worker does later; it is forgotten once it is done or called off.</summary>
internal sealed class SessionTimer : IDisposable
{
    private readonly ChannelSession _session;
    private readonly Action _action;
    private readonly bool _isPeriodic;
    private readonly ITimer _timer;
    private volatile bool _isOver;

    public SessionTimer(ChannelSession session, Action action, bool isPeriodic)
    {
        _session = session;
        _action = action;
        _isPeriodic = isPeriodic;
        _timer = session.Clock.CreateTimer(static state => ((SessionTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start(TimeSpan time, TimeSpan period) => _timer.Change(time, period);

    public void Dispose()
    {
        _isOver = true;
        _timer.Dispose();
        _session.Forget(this);
    }

    private void Fire() => _session.Post(() =>
    {
        if (_isOver)
            return;
        if (!_isPeriodic)
            Dispose();
        _action();
    });
}
