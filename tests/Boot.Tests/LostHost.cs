using System.Text;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Tests;

/// <summary>A host whose QEMU ends by itself under the first machines, or makes their guests panic, and holds the others.</summary>
/// <param name="losses">How many it loses.</param>
/// <param name="panics">Whether their guests panic.</param>
internal sealed class LostHost(int losses, bool panics = false) : IHost
{
    private const string Panic = "{\"t\":7,\"event\":\"panic\",\"kind\":\"fault\",\"message\":\"of the host\",\"rip\":\"0000000000001000\",\"rsp\":\"0000000000002000\",\"address\":\"0000000000000000\",\"frames\":\"0000000000001000\"}\n";

    public string Name => EmulatedHost.HostName;

    public Job Needs => Job.Emulate;

    /// <summary>Machines that were made.</summary>
    public int Made { get; private set; }

    public Task PrepareAsync(Action<string>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var guest = new LostGuest(machine, isLost: ++Made <= losses, panics);
        await guest.Reading;
        return guest;
    }

    public string? Explain(GuestExit? exit, IReadOnlyList<GuestEvent> events, string? processors) => events.Any(e => e.Text("message") == "of the host") ? "the host broke it" : null;

    private sealed class LostGuest : IGuest
    {
        private readonly SocketPair _pair = new();

        public LostGuest(MachineSpec machine, bool isLost, bool panics)
        {
            Machine = machine;
            Monitor = new QmpClient(_pair.Mine);
            Reading = Monitor.ReadAsync();
            Exit = Task.FromResult((isLost, panics) switch
            {
                (true, true) => new GuestExit(GuestExitKind.DebugPort, GuestExit.StatusPanic),
                (true, false) => new GuestExit(GuestExitKind.Failed, Detail: "QEMU aborted"),
                _ => new GuestExit(GuestExitKind.PoweredOff),
            });
            if (isLost && panics)
                Events.Feed(Encoding.UTF8.GetBytes(Panic));
            _pair.Dispose();
        }

        public Task Reading { get; }

        public MachineSpec Machine { get; }

        public GuestConsole Console { get; } = new((_, _) => ValueTask.CompletedTask);

        public EventLog Events { get; } = new();

        public string CommandLine => "none";

        public string HostMessages => "";

        public QmpClient? Monitor { get; }

        public Task<GuestExit> Exit { get; }

        public Task PowerOnAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync() => Task.CompletedTask;

        public Task<bool> TryScreenshotAsync(string path, CancellationToken cancellationToken) => Task.FromResult(false);

        public Task WaitForOpenTrayAsync(string drive, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task InsertDiscAsync(string drive, string path, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            Monitor?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
