using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Kernel.Drivers;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.VmBus;

/// <summary>
/// VMBus as a bus of the kernel: connects where the hypervisor offers it, hands what is offered to the drivers and takes back what is
/// rescinded, at any time and away from the message pump, and disconnects at the end of the run.
/// </summary>
internal sealed class VmBusManager : IVmBusObserver, IAsyncDisposable
{
    /// <summary>How long the machine's start waits for the host's first answer. A host that is slower is served when it answers.</summary>
    public static readonly TimeSpan ContactPatience = TimeSpan.FromSeconds(1);

    /// <summary>Set by the low-level kernel at boot; this one counts where that has not enabled the hypercall page.</summary>
    private static readonly GuestOsId OsId = GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0);

    private readonly ProcessorPlatform _platform;
    private readonly DriverManager _drivers;
    private readonly VmBusSettings _settings;
    private readonly VmBusEvents _events;
    private readonly ILog _log;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private Hypercalls? _hypercalls;
    private SynIc? _synic;
    private Task _contact = Task.CompletedTask;

    /// <summary>The bindings that the machine's start waits for; null afterwards.</summary>
    private List<Task>? _first = [];
    private int _isStarted;

    /// <param name="platform">The machine.</param>
    /// <param name="drivers">Who serves devices.</param>
    /// <param name="classes">What the image has drivers for.</param>
    /// <param name="settings">From the command line.</param>
    /// <param name="events">Where the state goes.</param>
    public VmBusManager(ProcessorPlatform platform, DriverManager drivers, IReadOnlyList<Guid> classes, VmBusSettings settings, VmBusEvents events)
    {
        _platform = platform;
        _drivers = drivers;
        _settings = settings;
        _events = events;
        _log = platform.Log;
        Classes = classes;
        Hypervisor = HypervisorInfo.Detect(platform.CpuId);
    }

    /// <summary>What runs below.</summary>
    public HypervisorInfo Hypervisor { get; }

    /// <summary>Classes that the image has drivers for.</summary>
    public IReadOnlyList<Guid> Classes { get; }

    /// <summary>Null where no contact was tried.</summary>
    public VmBusConnection? Connection { get; private set; }

    /// <summary>Why there is no VMBus; null when there is.</summary>
    public string? WhyNot { get; private set; }

    /// <summary>Messages of an impossible size that the hypervisor has delivered (rule H1).</summary>
    public long BadMessages => _synic?.BadMessages ?? 0;

    /// <summary>
    /// Connects, and returns when the devices that are offered at once are bound; but a host that has not answered at all within
    /// <see cref="ContactPatience"/> is not waited for, and what it offers later is bound then. Does nothing where there is no Hyper-V.
    /// </summary>
    public async Task StartAsync()
    {
        if (Prepare() is { } reason)
        {
            WhyNot = reason;
            if (Hypervisor.Kind == HypervisorKind.HyperV)
                _events.Absent(reason);
            return;
        }

        _isStarted = 1;
        Task patience = Task.Delay(ContactPatience, _platform.Clock);
        _contact = ConnectAsync();
        bool isSlow = await Task.WhenAny(_contact, patience).ConfigureAwait(false) != _contact
            && Connection!.State is VmBusState.Disconnected or VmBusState.Negotiating;
        if (isSlow)
            _log.Warning("VMBus: the host has not answered yet; the machine goes on without it.");
        else
            await _contact.ConfigureAwait(false);
        List<Task> first;
        lock (_lock)
        {
            first = _first!;
            _first = null;
        }

        await Task.WhenAll(first).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes what is open, disconnects, masks the interrupt and gives the hypercall page back, all within bounded time. Drivers are
    /// detached by then; devices that are offered meanwhile are not taken.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _contact.ConfigureAwait(false);
        _ending.Dispose();
        if (Connection is { State: not VmBusState.Disconnected } connection)
        {
            bool isAnswered = await connection.UnloadAsync().ConfigureAwait(false);
            _events.Disconnected(isAnswered ? null : "the host did not answer UNLOAD");
        }

        Release();
    }

    /// <summary>A dying kernel tells the host. Takes no lock and waits for nothing.</summary>
    public void TellOfPanic()
    {
        const int polls = 1000;
        if (Volatile.Read(ref _isStarted) != 0 && Connection is { State: VmBusState.Connected or VmBusState.ReceivingOffers } connection)
            connection.UnloadAtPanic(polls);
    }

    void IVmBusObserver.OnOffered(VmBusDevice device)
    {
        Task binding = _drivers.AddAsync(device);
        lock (_lock)
            _first?.Add(binding);
    }

    ValueTask IVmBusObserver.OnRescindedAsync(VmBusDevice device) => new(_drivers.RemoveAsync(device));

    void IVmBusObserver.OnBroken(VmBusDevice device, string reason)
    {
        if (_drivers.Find(device) is { } bound)
            _ = _drivers.FailAsync(bound, $"its channel does not work any more: {reason}");
    }

    /// <returns>Null, or why VMBus is not tried.</returns>
    private string? Prepare()
    {
        if (_settings.IsOff)
            return "it is switched off by the command line";
        if (Hypervisor.WhyNoVmBus() is { } reason)
            return reason;
        _hypercalls = new Hypercalls(_platform, Hypervisor, OsId);
        try
        {
            if (_hypercalls.Enable() is { } noCalls)
                return noCalls;
            var connection = new VmBusConnection(_platform, _hypercalls, new VirtualProcessors(_platform, Hypervisor), this, _settings.Options);
            _synic = new SynIc(_platform, Hypervisor, connection.Source);
            _synic.Start();
            Connection = connection;
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or OutOfMemoryException)
        {
            // The host numbers its processors wrongly, no interrupt vector is free, or a page that is live already lies outside of memory.
            _hypercalls.Disable();
            return exception.Message;
        }
    }

    private async Task ConnectAsync()
    {
        VmBusConnection connection = Connection!;
        try
        {
            await connection.ConnectAsync(_synic!, _ending.Token).ConfigureAwait(false);
            _events.Connected(connection, Classes);
        }
        catch (VmBusException exception)
        {
            if (_ending.IsCancellationRequested)
                return;
            WhyNot = exception.Message;
            _events.Absent(exception.Message);
            Release();
        }
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _isStarted, 0) == 0)
            return;
        _synic!.Stop();
        _hypercalls!.Disable();
    }
}
