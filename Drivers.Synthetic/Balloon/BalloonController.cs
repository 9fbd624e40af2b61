using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// The dynamic-memory device. What the host has taken stays out of use when the driver lets go of the device, whoever wanted that: the host
/// has unmapped the pages, and the guest would die of touching one. The machine's memory remembers them, so an instance that is bound
/// later, or is resumed, can give them back when the host says so.
/// </summary>
internal sealed class BalloonController : IDriverInstance, IMemoryBalloon
{
    private readonly DriverContext _context;
    private readonly IDynamicMemory _memory;
    private readonly BalloonOptions _options;
    private readonly VmBusDevice _device;
    private readonly BalloonTally _tally = new();
    private volatile BalloonSession? _session;
    private bool _isPublished;

    public BalloonController(DriverContext context, VmBusDevice device, IDynamicMemory memory, BalloonOptions options)
    {
        _context = context;
        _device = device;
        _memory = memory;
        _options = options;
    }

    /// <inheritdoc/>
    public event Action<BalloonChange>? Changed;

    /// <inheritdoc/>
    public string Name => "balloon0";

    /// <inheritdoc/>
    public BalloonStatus Status
    {
        get
        {
            var figures = _memory.Read();
            var client = _session?.Client;
            return new BalloonStatus(
                client is { IsReady: true } ? client.Version.ToString() : "",
                client?.State ?? BalloonState.Stopped,
                figures,
                MemoryFloor.Of(figures.Total),
                client?.MostPages ?? 0);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<BalloonCounter> Counters =>
    [
        new("requests to inflate", _tally.Inflations),
        new("requests to deflate", _tally.Deflations),
        new("requests to add", _tally.Additions),
        new("pages to the host", _tally.PagesOut),
        new("pages from the host", _tally.PagesBack),
        new("status reports", _tally.Reports),
        new("heap compactions", _tally.Compactions),
        new("malformed messages", _tally.Malformed),
        new("unknown messages", _tally.Unknown),
        new("messages out of turn", _tally.Untimely),
        new("foreign ranges", _tally.ForeignRanges),
        new("ranges that cannot be added", _tally.RefusedRanges),
        new("requests to remove", _tally.HotRemovals),
    ];

    /// <inheritdoc/>
    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    /// <inheritdoc/>
    public async ValueTask AttachAsync(CancellationToken cancellationToken)
    {
        var session = new BalloonSession(_device.Channel, _context, _memory, _options, _tally, change => Changed?.Invoke(change));
        _session = session;
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _context.Publications.Publish(this);
        _isPublished = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SuspendAsync(CancellationToken cancellationToken) => EndAsync();

    /// <inheritdoc/>
    public async ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        await AttachAsync(cancellationToken).ConfigureAwait(false);
        Changed?.Invoke(new BalloonChange(BalloonOperation.Negotiate, 0, 0, default, null));
    }

    /// <inheritdoc/>
    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        await EndAsync().ConfigureAwait(false);
        if (!_isPublished)
            return;
        _isPublished = false;
        _context.Publications.Withdraw(this);
    }

    private async ValueTask EndAsync()
    {
        var session = _session;
        _session = null;
        if (session is not null)
            await session.CloseAsync().ConfigureAwait(false);
    }
}
