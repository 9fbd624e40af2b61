using System.Globalization;
using GuestOS.Machine;

namespace GuestOS.Services.Shutdown;

/// <summary>Who wants to be asked before the machine goes down at the host's wish. Thread-safe.</summary>
public sealed class ShutdownHandlers
{
    private readonly TimeProvider _clock;
    private readonly ILog _log;
    private readonly Lock _gate = new();
    private readonly List<(string Name, ShutdownHandler Handler)> _handlers = [];

    /// <param name="clock">Time.</param>
    /// <param name="log">Where handlers that fail are named.</param>
    public ShutdownHandlers(TimeProvider clock, ILog log)
    {
        _clock = clock;
        _log = log;
    }

    /// <summary>Adds a handler; the last one added is asked first.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="handler">What it does.</param>
    public void Add(string name, ShutdownHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
            _handlers.Add((name, handler));
    }

    /// <summary>Asks one after another until one refuses or the deadline comes.</summary>
    /// <returns>The name of the handler that refused; null when the machine may go down.</returns>
    internal async ValueTask<string?> AskAsync(ShutdownRequest request)
    {
        (string Name, ShutdownHandler Handler)[] handlers;
        lock (_gate)
            handlers = [.. _handlers];
        using var deadline = new CancellationTokenSource(request.Deadline, _clock);
        for (var i = handlers.Length - 1; i >= 0; i--)
        {
            var (name, handler) = handlers[i];
            try
            {
                // A handler that does not look at its token is not waited for either.
                if (!await handler(request, deadline.Token).AsTask().WaitAsync(deadline.Token).ConfigureAwait(false) && !request.IsForced)
                    return name;
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                _log.Warning(string.Create(
                    CultureInfo.InvariantCulture, $"the shutdown handler {name} was not done within {request.Deadline.TotalSeconds} s; going on without it"));
                return null;
            }
            catch (Exception exception)
            {
                _log.Error($"the shutdown handler {name} failed: {exception.Message}");
            }
        }

        return null;
    }
}
