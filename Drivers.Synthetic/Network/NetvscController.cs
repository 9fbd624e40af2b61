using System.Globalization;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>The driver bound to one adapter.</summary>
internal sealed class NetvscController : IDriverInstance
{
    private readonly DriverContext _context;
    private readonly VmBusDevice _device;
    private readonly DeviceNumbers _numbers;
    private readonly int _number;
    private readonly Lock _gate = new();
    private NetvscState _state;

    public NetvscController(DriverContext context, VmBusDevice device, DeviceNumbers numbers)
    {
        _context = context;
        _device = device;
        _numbers = numbers;
        _number = numbers.Take();
    }

    /// <summary>Whether it has published its adapter.</summary>
    internal NetvscState State => _state;

    /// <summary>Null until it is attached.</summary>
    internal NetvscAdapter? Adapter { get; private set; }

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) =>
        new(_device.IsRescinded ? "the host has taken it back" : null);

    public async ValueTask AttachAsync(CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"netvsc{_number}");
        Adapter = new NetvscAdapter(name, _device.Channel, _context, new NetvscOptions(_context));
        await Adapter.OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var adapter = Adapter!;
        _context.Log.Info($"{adapter.Name}: {adapter.Model}, {adapter.Address}, {adapter.Queues} queues, MTU {adapter.Mtu}, link {adapter.Link}");
        if (!TryMove(NetvscState.Started, out _))
            throw new OperationCanceledException("The driver was detached meanwhile.");

        // Whoever hears of it can hold it before the first frame comes: another device may have the same address still.
        _context.Publications.Publish(adapter);
        (await adapter.ReleaseAsync(NetvscAdapter.Hold.Closed, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    public async ValueTask SuspendAsync(CancellationToken cancellationToken)
    {
        (await Adapter!.HoldAsync(NetvscAdapter.Hold.Suspended, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
        await Adapter.CloseSessionAsync().ConfigureAwait(false);
    }

    public async ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        await Adapter!.OpenAsync(cancellationToken).ConfigureAwait(false);
        (await Adapter.ReleaseAsync(NetvscAdapter.Hold.Suspended, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        if (!TryMove(NetvscState.Detached, out var before))
            return;
        if (before == NetvscState.Started)
            _context.Publications.Withdraw(Adapter!);
        if (Adapter is not null)
            await Adapter.CloseAsync("the driver was detached").ConfigureAwait(false);
        _numbers.Return(_number);
    }

    /// <summary>The table of <see cref="NetvscState"/>.</summary>
    internal static bool CanBecome(NetvscState from, NetvscState to) => from switch
    {
        NetvscState.Bound => to is NetvscState.Started or NetvscState.Detached,
        NetvscState.Started => to is NetvscState.Detached,
        _ => false,
    };

    /// <summary>The one place where the state changes. False, and nothing happens, when the table has no such change.</summary>
    private bool TryMove(NetvscState to, out NetvscState from)
    {
        lock (_gate)
        {
            from = _state;
            if (!CanBecome(from, to))
                return false;
            _state = to;
            return true;
        }
    }
}
