using System.Diagnostics.CodeAnalysis;
using GuestOS.Boot.Build;
using GuestOS.Boot.Consoles;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Boot.Smoke;

/// <summary>What a scenario works with; ends its machines and removes its files when it is over.</summary>
/// <param name="name">The scenario's name.</param>
/// <param name="host">Where machines run.</param>
/// <param name="media">What they boot.</param>
/// <param name="settings">How thorough to be.</param>
internal sealed class ScenarioContext(string name, IHost host, SmokeMedia media, SmokeSettings settings) : IAsyncDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly List<IGuest> _guests = [];
    private readonly WorkFolder _work = new();
    private readonly List<string> _kept = [];
    private readonly List<string> _remarks = [];

    /// <summary>What machines boot.</summary>
    public SmokeMedia Media => media;

    /// <summary>How thorough to be.</summary>
    public SmokeSettings Settings => settings;

    /// <summary>All events of the scenario's machines so far.</summary>
    public IEnumerable<GuestEvent> Events => _guests.SelectMany(guest => guest.Events.Snapshot);

    /// <summary>Fails the scenario unless a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="expectation">What was expected and what was seen.</param>
    public static void Check([DoesNotReturnIf(false)] bool condition, string expectation)
    {
        if (!condition)
            throw new ScenarioFailedException(expectation);
    }

    /// <summary>Fails the scenario unless two values are the same.</summary>
    public static void CheckEqual<T>(T expected, T actual, string what) =>
        Check(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, saw {actual}");

    /// <summary>Path of a file that goes with the scenario.</summary>
    public string File(string fileName) => _work.File(fileName);

    /// <summary>What the scenario has measured, for people.</summary>
    public string Remarks => string.Join("; ", _remarks);

    /// <summary>Adds a figure to what is shown of the scenario when it has passed.</summary>
    public void Remark(string text) => _remarks.Add(text);

    /// <summary>Keeps a file, when there is one, with the logs of a failure.</summary>
    public void KeepOnFailure(string path) => _kept.Add(path);

    /// <summary>Kernel options that run self-tests and end the machine with their status.</summary>
    public static string Tests(params string[] tests) => $"guestos.test={string.Join(',', tests)} guestos.exit=debug-port";

    /// <summary>The monitor of a machine, by which a scenario drives its devices.</summary>
    public static QmpClient MonitorOf(IGuest guest) => guest.Monitor ?? throw new ScenarioFailedException("the machine has no monitor: it is in no QEMU");

    /// <summary>Waits for an event of a machine's monitor; fails when the machine ends without it or time is up.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="name">Name of the event, in capitals.</param>
    /// <param name="from">Events of the monitor to leave out at the start: their number before the thing was done that causes this one.</param>
    /// <param name="work">Time that the guest needs beside booting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<QmpEvent> WaitForMonitorAsync(IGuest guest, string name, int from, TimeSpan work, CancellationToken cancellationToken)
    {
        var monitor = MonitorOf(guest);
        var found = await LimitAsync(limit => monitor.WaitForEventAsync(name, from, limit), $"QEMU reported no {name}", work, cancellationToken).ConfigureAwait(false);
        return found ?? throw new ScenarioFailedException($"the machine {await guest.Exit.ConfigureAwait(false)} before QEMU reported {name}{LastWords(guest)}");
    }

    /// <summary>Waits until QEMU's dynamic memory device counts so much memory to a guest; fails when time is up.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="bytes">What the guest is to be left with.</param>
    /// <param name="work">Time that the guest needs beside booting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitForMemoryAsync(IGuest guest, long bytes, TimeSpan work, CancellationToken cancellationToken)
    {
        var monitor = MonitorOf(guest);
        long actual = 0;
        await LimitAsync(
            async limit =>
            {
                while ((actual = await monitor.QueryMemoryAsync(limit).ConfigureAwait(false)) != bytes)
                    await Task.Delay(PollInterval, limit).ConfigureAwait(false);
                return actual;
            },
            () => $"QEMU counts {actual} bytes to the guest, not {bytes},",
            work,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a machine and powers it on.</summary>
    public async Task<IGuest> BootAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var guest = await host.CreateAsync(machine with { Name = name }, cancellationToken).ConfigureAwait(false);
        _guests.Add(guest);
        await guest.PowerOnAsync(cancellationToken).ConfigureAwait(false);
        return guest;
    }

    /// <summary>Waits for an event; fails when the machine ends without it or time is up.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="what">Describes the event in messages.</param>
    /// <param name="match">The event.</param>
    /// <param name="work">Time that the guest needs beside booting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<GuestEvent> WaitAsync(IGuest guest, string what, Func<GuestEvent, bool> match, TimeSpan work, CancellationToken cancellationToken)
    {
        var found = await LimitAsync(limit => guest.Events.WaitAsync(match, limit), $"no event: {what}", work, cancellationToken).ConfigureAwait(false);
        return found ?? throw new ScenarioFailedException($"the machine {await guest.Exit.ConfigureAwait(false)} without event: {what}{LastWords(guest)}");
    }

    /// <summary>Waits until text has come on the console; fails when the machine ends without it or time is up.</summary>
    /// <returns>Index behind the text.</returns>
    public async Task<int> WaitForTextAsync(IGuest guest, string text, int from, CancellationToken cancellationToken)
    {
        var index = await LimitAsync(limit => guest.Console.WaitForAsync(text, from, limit), $"the console did not show \"{text}\"", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        Check(index >= 0, $"the machine ended before the console showed \"{text}\"{LastWords(guest)}");
        return index;
    }

    /// <summary>Waits until the machine has ended.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="work">Time that the guest needs beside booting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<GuestExit> EndAsync(IGuest guest, TimeSpan work, CancellationToken cancellationToken) =>
        LimitAsync(limit => guest.Exit.WaitAsync(limit), $"the machine did not end{LastWords(guest)}", work, cancellationToken);

    /// <summary>Waits until the machine has ended, and fails unless all its self-tests passed.</summary>
    public async Task EndPassedAsync(IGuest guest, TimeSpan work, CancellationToken cancellationToken)
    {
        var exit = await EndAsync(guest, work, cancellationToken).ConfigureAwait(false);
        var errors = guest.Events.Snapshot.Where(e => e.Text("result") == "error").Select(e => "\n  " + e);
        Check(exit is { Kind: GuestExitKind.DebugPort, Status: GuestExit.StatusPassed },
            $"expected status 0x{GuestExit.StatusPassed:x2}; the machine {exit}{string.Concat(errors)}{LastWords(guest)}");
        Check(guest.Events.Of("panic").Count == 0, "the kernel panicked");
        CheckEqual(0, Single(guest, "exit").Number("failed"), "failed self-tests");
    }

    /// <summary>The only event of a kind.</summary>
    public static GuestEvent Single(IGuest guest, string kind)
    {
        var found = guest.Events.Of(kind);
        Check(found.Count == 1, $"expected one event {kind}, saw {found.Count}");
        return found[0];
    }

    /// <summary>What the host says of machines that it could not go on with, or broke; empty when there are none.</summary>
    public async Task<string> DescribeFailedHostsAsync()
    {
        // A monitor that closes is noticed before the end of the program behind it.
        var ends = _guests.Where(guest => guest.Monitor is { HasEnded: true }).Select(guest => guest.Exit);
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(EndPatience)).ConfigureAwait(false);
        var lines = new List<string>();
        foreach (var guest in _guests)
        {
            var exit = guest.Exit.IsCompletedSuccessfully ? guest.Exit.Result : null;
            var processors = exit is null ? await ProcessorSnapshot.TryTakeAsync(guest.Monitor, EndPatience).ConfigureAwait(false) : null;
            if ((exit is { Kind: GuestExitKind.Failed } ? exit.ToString() : host.Explain(exit, guest.Events.Snapshot, processors)) is { } line)
                lines.Add($"\n  {line}");
        }

        return string.Concat(lines);
    }

    /// <summary>Saves what explains a failure.</summary>
    /// <returns>The folder.</returns>
    public async Task<string> SaveAsync()
    {
        var folder = Path.Combine(media.Repository.Runs, name);
        RunArtifacts.Discard(folder);
        for (var i = 0; i < _guests.Count; i++)
            await RunArtifacts.SaveAsync(_guests[i], _guests.Count == 1 ? folder : Path.Combine(folder, $"machine{i + 1}")).ConfigureAwait(false);
        Directory.CreateDirectory(folder);
        foreach (var path in _kept.Where(System.IO.File.Exists))
        {
            // The machine may still write to it; what is there by now is what explains the failure.
            System.IO.File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }

        return folder;
    }

    /// <summary>Removes what an earlier failure left.</summary>
    public void DiscardSaved() => RunArtifacts.Discard(Path.Combine(media.Repository.Runs, name));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var guest in _guests)
            await guest.DisposeAsync().ConfigureAwait(false);
        _work.Dispose();
    }

    private static string LastWords(IGuest guest)
    {
        var panics = guest.Events.Of("panic").Select(panic => $"\n  panic: {panic.Text("message")}, at {panic.Text("rip")}");
        var lines = guest.Console.Text.TrimEnd().Split('\n').TakeLast(3).Select(line => "\n  console: " + line.TrimEnd());
        return string.Concat(panics.Concat(lines));
    }

    /// <summary>Does some work with a time limit; fails when time is up.</summary>
    /// <param name="wait">The work.</param>
    /// <param name="failure">What the failure says.</param>
    /// <param name="work">Time that the guest needs beside booting.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> wait, string failure, TimeSpan work, CancellationToken cancellationToken) =>
        LimitAsync(wait, () => failure, work, cancellationToken);

    /// <summary>The same with a failure that is known only when it has happened.</summary>
    public async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> wait, Func<string> failure, TimeSpan work, CancellationToken cancellationToken)
    {
        var limit = (BootLimit + work) * settings.Patience;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(limit);
        try
        {
            return await wait(source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var last = _guests[^1].Events.Snapshot is [.., var latest] ? $"; last event: {latest}" : "; no event at all";
            throw new ScenarioFailedException($"{failure()} within {limit.TotalSeconds:F0} s{last}{LastWords(_guests[^1])}");
        }
    }
}
