using System.Globalization;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// The driver bound to one storage device of VMBus: opens its channels, publishes its logical units, follows their changes.
/// </summary>
#pragma warning disable CA1001 // Its life is Attach to Detach, which ends everything.
internal sealed partial class StorvscController : IDriverInstance
#pragma warning restore CA1001
{
    /// <summary>Bytes of a ring, control page included (Linux 6.1: 128 KiB).</summary>
    private const int RingSize = 128 * 1024;
    private const int MostRequests = 256;

    private readonly DriverContext _context;
    private readonly StorvscOptions _options;
    private readonly DeviceNumbers _numbers;
    private readonly MediumIdentity? _medium;
    private readonly LunAddress _ideAddress;
    private readonly StorageAdapter _adapter;
    private readonly LunScanner _scanner;
    private readonly CancellationTokenSource _detached = new();
    private readonly Lock _gate = new();
    private readonly List<StorageDevice> _devices = [];
    private readonly VmBusDevice? _device;
    private StorageQueue? _primary;
    private StorvscLimits? _limits;
    private int _number = -1;
    private volatile StorvscState _state;

    public StorvscController(DriverContext context, DeviceNumbers numbers)
    {
        _context = context;
        _numbers = numbers;
        _device = context.Device as VmBusDevice;
        _options = new StorvscOptions(context);
        if (_device is { } device && device.ClassId == ClassIds.Ide && IdeOffer.TryRead(device.InstanceId, out var channel, out var drive))
        {
            _medium = MediumIdentity.Ide(channel, drive);
            _ideAddress = new LunAddress(0, (byte)drive, 0);
        }

        _adapter = new StorageAdapter(context.Dma, context.Clock, context.Log, context.Processors, _options.ContinueInline)
        {
            ScanWanted = WantScan,
            Ticked = OnTick,
        };
        _scanner = new LunScanner(_adapter, context.Clock, _options.ContinueInline);
    }

    /// <summary>Where it is in its life.</summary>
    internal StorvscState State => _state;

    /// <summary>For tests and the console.</summary>
    internal StorageAdapter Adapter => _adapter;

    /// <summary>What was agreed with the host; null before.</summary>
    internal StorvscLimits? Limits => _limits;

    private VmBusChannel Channel => _device!.Channel;

    private bool IsIde => _device!.ClassId == ClassIds.Ide;

    private int ProcessorCount => _context.Processors?.Count ?? 1;

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new(
        _device is null ? "it is not on VMBus"
        : IsIde && _medium is null ? $"its instance {_device.InstanceId} names no disk of an IDE controller"
        : null);

    public async ValueTask AttachAsync(CancellationToken cancellationToken)
    {
        if (!IsIde)
            _number = _numbers.Take();
        await OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await ScanAsync(cancellationToken).ConfigureAwait(false);
        TryMove(StorvscState.Started);
        RunScans();
    }

    public async ValueTask SuspendAsync(CancellationToken cancellationToken)
    {
        var held = new List<StorageDevice>();
        try
        {
            foreach (var device in Devices())
            {
                var result = await device.HoldAsync(StorageDevice.Hold.Suspended, cancellationToken).ConfigureAwait(false);

                // What is gone has nothing left to lose.
                if (result.IsSuccess)
                    held.Add(device);
                else if (device.GoneBecause is null)
                    throw new IOException(result.Error.ToString());
            }
        }
        catch
        {
            foreach (var device in held)
                device.Release(StorageDevice.Hold.Suspended);
            throw;
        }

        TryMove(StorvscState.Closed);
        await Channel.CloseAsync().ConfigureAwait(false);
    }

    public async ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        await ScanAsync(cancellationToken).ConfigureAwait(false);
        foreach (var device in Devices())
            device.Release(StorageDevice.Hold.Suspended);
        TryMove(StorvscState.Started);
        RunScans();
    }

    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        if (!TryMove(StorvscState.Detached))
            return;

        // What it calls off ends elsewhere; nothing blocks here.
#pragma warning disable CA1849
        _detached.Cancel();
#pragma warning restore CA1849
        var devices = Devices();
        foreach (var device in devices)
            _context.Publications.Withdraw(device);
        await FlushLastAsync(devices, cancellationToken).ConfigureAwait(false);
        foreach (var device in devices)
            device.MarkGone("the driver was detached");
        if (_device is not null)
            await Channel.CloseAsync().ConfigureAwait(false);
        _adapter.Dispose();
        if (_number >= 0)
            _numbers.Return(_number);
    }

    /// <summary>What works is left with everything on the medium.</summary>
    private async ValueTask FlushLastAsync(StorageDevice[] devices, CancellationToken cancellationToken)
    {
        if (_device is null || Channel.Status != ChannelStatus.Open || Channel.BrokenBecause is not null)
            return;
        using var limit = new CancellationTokenSource(StorvscTimeouts.LastFlush, _context.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var device in devices)
        {
            try
            {
                // What the host has cannot be called off, and is not waited for either: it ends with the channel.
                var result = await device.HoldAsync(StorageDevice.Hold.Suspended, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
                if (result.Error is { Kind: not BlockErrorKind.Gone } error)
                    _context.Log.Error($"the last flush failed: {error}");
            }
            catch (OperationCanceledException)
            {
                _context.Log.Error($"{device.Name}: the last flush did not end in time");
            }
        }
    }

    /// <summary>The one place where the state changes. False, and nothing happens, when the table has no such change.</summary>
    private bool TryMove(StorvscState to)
    {
        lock (_gate)
        {
            if (!_state.CanBecome(to))
                return false;
            _state = to;
            return true;
        }
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (!TryMove(StorvscState.Opening))
            throw new InvalidOperationException($"The driver is {_state}, and cannot be opened.");
        var handler = new StorageChannel(_adapter);
        try
        {
            await Channel.OpenAsync(OptionsFor(handler, 0), cancellationToken).ConfigureAwait(false);
            var most = Math.Min(ProcessorCount, _options.MostChannels) - 1;
            _limits = await StorageSetUp.RunAsync(Channel, IsIde ? 0 : most, cancellationToken).ConfigureAwait(false);
            _primary = new StorageQueue(_adapter, new ChannelLink(Channel), _limits);
            _adapter.Begin(_primary, _limits);
            handler.Queue = _primary;
            if (_limits.MostSubchannels > 0)
                await AskForSubchannelsAsync(_limits.MostSubchannels, cancellationToken).ConfigureAwait(false);
            if (!TryMove(StorvscState.Open))
                throw new OperationCanceledException("The driver was detached meanwhile.");
        }
        catch
        {
            await Channel.CloseAsync().ConfigureAwait(false);
            TryMove(StorvscState.Closed);
            throw;
        }

        _context.Log.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"protocol {_limits.Version}, transfers of {_limits.MostBytes >> 10} KiB, {_limits.MostSubchannels} subchannels"));
    }

    private static ChannelOpenOptions OptionsFor(StorageChannel handler, int processor) => new()
    {
        Handler = handler,
        SendRingSize = RingSize,
        ReceiveRingSize = RingSize,
        MostRequests = MostRequests,
        Processor = processor,
        ToleratesLatency = false,
    };

    private async ValueTask AskForSubchannelsAsync(int count, CancellationToken cancellationToken)
    {
        Channel.MostSubchannels = count;
        Channel.SubchannelOffered = OnSubchannelOffered;
        if (!await StorageSetUp.CreateSubchannelsAsync(Channel, count, cancellationToken).ConfigureAwait(false))
            _context.Log.Warning($"the host grants none of {count} subchannels; one channel serves all");
    }

    private void OnSubchannelOffered(VmBusChannel channel) => _ = OpenSubchannelAsync(channel);

    /// <summary>A subchannel needs no set-up. When it cannot be opened the others serve.</summary>
    private async Task OpenSubchannelAsync(VmBusChannel channel)
    {
        var handler = new StorageChannel(_adapter);
        try
        {
            var queue = new StorageQueue(_adapter, new ChannelLink(channel), _limits!);
            handler.Queue = queue;
            await channel.OpenAsync(OptionsFor(handler, channel.Identity.SubchannelIndex % ProcessorCount), _detached.Token).ConfigureAwait(false);
            _adapter.Add(queue);
        }
        catch (Exception e) when (e is VmBusException or OutOfMemoryException)
        {
            if (_state != StorvscState.Detached)
                _adapter.Warnings.Warning($"{channel} is not used: {e.Message}");
        }
    }

    private StorageDevice[] Devices()
    {
        lock (_gate)
            return [.. _devices];
    }
}
