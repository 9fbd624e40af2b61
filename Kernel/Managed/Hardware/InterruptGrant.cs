using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>One driver's share of an interrupt.</summary>
internal sealed class InterruptGrant : IInterrupt, IDisposable
{
    private readonly InterruptLine _line;
    private readonly Action<Exception>? _onFailure;
    private readonly Action _release;

    /// <summary>Held while the handler runs and while it is exchanged; its own thread may enter again.</summary>
    private readonly Lock _handlerLock = new();
    private InterruptHandler? _handler;
    private int _isReleased;

    public InterruptGrant(InterruptLine line, Action<Exception>? onFailure, Action release)
    {
        _line = line;
        _onFailure = onFailure;
        _release = release;
    }

    public string Name => _line.Name;

    public void Connect(InterruptHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ObjectDisposedException.ThrowIf(_isReleased != 0, this);
        lock (_handlerLock)
        {
            if (_handler is not null)
                throw new InvalidOperationException($"{Name}: a handler is connected already.");
            _handler = handler;
            _line.Add(this);
        }
    }

    public void Disconnect()
    {
        lock (_handlerLock)
        {
            if (_handler is null)
                return;
            _handler = null;
            _line.Remove(this);
        }
    }

    /// <summary>Disconnects and gives the interrupt back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) != 0)
            return;
        Disconnect();
        _release();
    }

    /// <summary>Runs the handler. One that throws is disconnected and reported.</summary>
    public InterruptResult Run(ILog log)
    {
        Exception failure;
        lock (_handlerLock)
        {
            if (_handler is null)
                return InterruptResult.NotMine;
            try
            {
                return _handler();
            }
            catch (Exception exception)
            {
                failure = exception;
                _handler = null;
                _line.Remove(this);
            }
        }

        log.Error($"{Name}: an interrupt handler failed and was disconnected: {failure}");
        _onFailure?.Invoke(failure);
        return InterruptResult.NotMine;
    }
}
