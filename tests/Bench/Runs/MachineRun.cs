using System.Diagnostics;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Hosts.Qemu;

namespace GuestOS.Bench.Runs;

/// <summary>One start of a machine, with the host's time of everything that it wrote.</summary>
internal sealed class MachineRun : IAsyncDisposable
{
    private static readonly TimeSpan ExitMoment = TimeSpan.FromSeconds(5);
    private readonly IGuest _guest;
    private readonly Stopwatch _watch = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimeSpan> _arrivals = [];
    private readonly Dictionary<string, TaskCompletionSource<TimeSpan>> _monitored = [];
    private TimeSpan? _firstText;

    private MachineRun(IGuest guest)
    {
        _guest = guest;
        guest.Events.Arrived += Note;
        guest.Console.Output += _ => NoteText();
        if (guest.Monitor is { } monitor)
            monitor.Event += item => SourceOf(item.Name).TrySetResult(_watch.Elapsed);
    }

    /// <summary>What it wrote to COM1.</summary>
    public string Text => _guest.Console.Text;

    /// <summary>All events so far.</summary>
    public EventLog Events => _guest.Events;

    /// <summary>From power on to the first character on COM1; null before that.</summary>
    public TimeSpan? FirstText
    {
        get
        {
            lock (_gate)
                return _firstText;
        }
    }

    /// <summary>What QEMU has written, traces included.</summary>
    public string HostMessages => _guest.HostMessages;

    /// <summary>QEMU's monitor.</summary>
    public QmpClient? Monitor => _guest.Monitor;

    /// <summary>Makes an emulated machine and powers it on.</summary>
    public static Task<MachineRun> StartAsync(MachineSpec machine, CancellationToken cancellationToken) =>
        StartAsync(new EmulatedHost(), machine, cancellationToken);

    /// <summary>Makes a machine and powers it on.</summary>
    /// <param name="host">Where it runs; prepared.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MachineRun> StartAsync(IHost host, MachineSpec machine, CancellationToken cancellationToken)
    {
        var run = new MachineRun(await host.CreateAsync(machine, cancellationToken).ConfigureAwait(false));
        try
        {
            run._watch.Start();
            await run._guest.PowerOnAsync(cancellationToken).ConfigureAwait(false);
            return run;
        }
        catch
        {
            await run.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>From power on to the arrival of the first event of a kind, which has arrived.</summary>
    public TimeSpan ArrivalOf(string kind)
    {
        lock (_gate)
            return _arrivals[kind];
    }

    /// <summary>Waits for an event of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The event, or null when the machine ended, panicked or said nothing in time.</returns>
    public async Task<GuestEvent?> TryWaitAsync(string kind, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(limit);
        try
        {
            var found = await _guest.Events.WaitAsync(e => e.Kind == kind || e.Kind == "panic", source.Token).ConfigureAwait(false);
            return found?.Kind == kind ? found : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits for an event that has to come.</summary>
    public async Task<GuestEvent> WaitAsync(string kind, TimeSpan limit, CancellationToken cancellationToken) =>
        await TryWaitAsync(kind, limit, cancellationToken).ConfigureAwait(false) ?? throw new ToolException(
            $"{_guest.Machine.Name}: no event {kind} within {limit.TotalSeconds:F0} s.\n{LastWords()}");

    /// <summary>Waits for an event of QEMU's monitor.</summary>
    /// <param name="name">Its name, in capitals.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>From power on to the arrival of the first one.</returns>
    public async Task<TimeSpan> WaitForMonitorAsync(string name, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await SourceOf(name).Task.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new ToolException($"{_guest.Machine.Name}: QEMU reported no {name} within {limit.TotalSeconds:F0} s.\n{LastWords()}", e);
        }
    }

    /// <summary>How the machine ended, when it has; after a moment, since its monitor may be the first to tell.</summary>
    public async Task<GuestExit?> TryGetExitAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_guest.Exit, Task.Delay(ExitMoment, cancellationToken)).ConfigureAwait(false);
        return _guest.Exit.IsCompleted ? await _guest.Exit.ConfigureAwait(false) : null;
    }

    /// <summary>The end of the console's text, for messages, and how to run the machine by hand.</summary>
    public string LastWords() => $"{string.Join('\n', _guest.Console.Text.TrimEnd().Split('\n').TakeLast(10))}\n{_guest.CommandLine}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _guest.DisposeAsync();

    private void Note(GuestEvent item)
    {
        var time = _watch.Elapsed;
        lock (_gate)
            _arrivals.TryAdd(item.Kind, time);
    }

    private TaskCompletionSource<TimeSpan> SourceOf(string name)
    {
        lock (_gate)
        {
            if (!_monitored.TryGetValue(name, out var source))
                _monitored[name] = source = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            return source;
        }
    }

    private void NoteText()
    {
        var time = _watch.Elapsed;
        lock (_gate)
            _firstText ??= time;
    }
}
