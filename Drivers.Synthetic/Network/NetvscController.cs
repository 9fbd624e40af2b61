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
    private bool _hasNumber = true;
    private bool _isPublished;

    public NetvscController(DriverContext context, VmBusDevice device, DeviceNumbers numbers)
    {
        _context = context;
        _device = device;
        _numbers = numbers;
        _number = numbers.Take();
    }

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
        _isPublished = true;

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
        if (_isPublished)
            _context.Publications.Withdraw(Adapter!);
        _isPublished = false;
        if (Adapter is not null)
            await Adapter.CloseAsync("the driver was detached").ConfigureAwait(false);
        if (_hasNumber)
            _numbers.Return(_number);
        _hasNumber = false;
    }
}
