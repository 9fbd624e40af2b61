using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Tests;

/// <summary>A host whose QEMU ends by itself under the first machines, and holds the others.</summary>
/// <param name="losses">How many it loses.</param>
internal sealed class LostHost(int losses) : IHost
{
    public string Name => EmulatedHost.HostName;

    public Job Needs => Job.Emulate;

    /// <summary>Machines that were made.</summary>
    public int Made { get; private set; }

    public Task PrepareAsync(Action<string>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        var guest = new LostGuest(machine, isLost: ++Made <= losses);
        await guest.Reading;
        return guest;
    }

    private sealed class LostGuest : IGuest
    {
        private readonly SocketPair _pair = new();

        public LostGuest(MachineSpec machine, bool isLost)
        {
            Machine = machine;
            Monitor = new QmpClient(_pair.Mine);
            Reading = Monitor.ReadAsync();
            Exit = Task.FromResult(isLost ? new GuestExit(GuestExitKind.Failed, Detail: "QEMU aborted") : new GuestExit(GuestExitKind.PoweredOff));
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
