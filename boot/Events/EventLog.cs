namespace GuestOS.Boot.Events;

/// <summary>The events of one machine so far; others may wait for those to come. Safe for any thread.</summary>
internal sealed class EventLog
{
    private readonly Lock _gate = new();
    private readonly List<GuestEvent> _events = [];
    private readonly List<Waiter> _waiters = [];
    private readonly EventLogParser _parser = new();
    private bool _complete;

    /// <summary>Raised for each event, on the thread that reads the port.</summary>
    public event Action<GuestEvent>? Arrived;

    /// <summary>A copy of all events so far, in order.</summary>
    public IReadOnlyList<GuestEvent> Snapshot
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>Lines on the port that were no events.</summary>
    public int SkippedLines
    {
        get
        {
            lock (_gate)
                return _parser.SkippedLines;
        }
    }

    /// <summary>All events of a kind so far.</summary>
    public IReadOnlyList<GuestEvent> Of(string kind) => Snapshot.Where(e => e.Kind == kind).ToList();

    /// <summary>Takes bytes of the port.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        IReadOnlyList<GuestEvent> events;
        lock (_gate)
            events = _parser.Feed(bytes);
        Publish(events);
    }

    /// <summary>The port is closed; who still waits gets null.</summary>
    public void Complete()
    {
        IReadOnlyList<GuestEvent> events;
        lock (_gate)
            events = _parser.Finish();
        Publish(events);
        List<Waiter> waiting;
        lock (_gate)
        {
            _complete = true;
            waiting = [.. _waiters];
            _waiters.Clear();
        }

        foreach (var waiter in waiting)
            waiter.Source.TrySetResult(null);
    }

    /// <summary>Waits for an event.</summary>
    /// <param name="match">What the event has to be; events that came already count.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first such event, or null when the log ended without one.</returns>
    public Task<GuestEvent?> WaitAsync(Func<GuestEvent, bool> match, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_events.FirstOrDefault(match) is { } found)
                return Task.FromResult<GuestEvent?>(found);
            if (_complete)
                return Task.FromResult<GuestEvent?>(null);
            waiter = new Waiter(match, new TaskCompletionSource<GuestEvent?>(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }

        return waiter.Source.Task.WaitAsync(cancellationToken);
    }

    private void Publish(IReadOnlyList<GuestEvent> events)
    {
        foreach (var item in events)
        {
            List<Waiter> matched;
            lock (_gate)
            {
                _events.Add(item);
                matched = _waiters.Where(waiter => waiter.Match(item)).ToList();
                _waiters.RemoveAll(matched.Contains);
            }

            foreach (var waiter in matched)
                waiter.Source.TrySetResult(item);
            Arrived?.Invoke(item);
        }
    }

    private sealed record Waiter(Func<GuestEvent, bool> Match, TaskCompletionSource<GuestEvent?> Source);
}
