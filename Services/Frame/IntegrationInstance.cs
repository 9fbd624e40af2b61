using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>
/// A service on its channel. One message at a time: while an answer is owed, or waits for room in the ring, the next message waits in the
/// other ring. LOCKING: <c>_gate</c> for what the handler's thread and a deferral share; it is never held while the service works.
/// </summary>
internal sealed class IntegrationInstance : ChannelHandler, IDriverInstance
{
    private const int RingSize = 16 * 1024;
    private const int PacketHeaderSize = 16;

    private readonly IntegrationDriver _driver;
    private readonly VmBusDevice _device;
    private readonly ILog _log;
    private readonly byte[] _message;
    private readonly Func<IcDeferral> _defer;
    private readonly Lock _gate = new();
    private IcDeferral? _owed;
    private ulong _transactionId;
    private int _length;
    private bool _isUnsent;
    private bool _isSuspended;
    private bool _isOpen;

    public IntegrationInstance(IntegrationDriver driver, VmBusDevice device, ILog log)
    {
        _driver = driver;
        _device = device;
        _log = log;
        _message = new byte[driver.Service.LargestMessage];
        _defer = Defer;
        Frame = new IcFrame(driver.Service);
    }

    public IcFrame Frame { get; }

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    public ValueTask AttachAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>The host speaks first, as soon as the channel is open.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _isOpen = true;
        _driver.Report(this, ServiceState.Started);
        try
        {
            await _device.Channel.OpenAsync(
                new ChannelOpenOptions
                {
                    Handler = this,
                    SendRingSize = RingSize,
                    ReceiveRingSize = RingSize,
                    Accepted = PacketTypes.InBand,
                    LargestPacket = PacketHeaderSize + _message.Length,
                    MostRequests = 1,
                    ToleratesLatency = false,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _isOpen = false;
            _driver.Report(this, ServiceState.Failed, exception.Message);
            throw;
        }
    }

    public ValueTask SuspendAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isSuspended = true;
            _device.Channel.PauseReceiving();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ResumeAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isSuspended = false;
            ResumeUnlessBusy();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DetachAsync(CancellationToken cancellationToken)
    {
        var broken = _device.Channel.BrokenBecause;
        await _device.Channel.CloseAsync().ConfigureAwait(false);
        if (_isOpen)
            _driver.Report(this, broken is null ? ServiceState.Stopped : ServiceState.Failed, broken);
        _isOpen = false;
    }

    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        var payload = packet.Payload;
        if (packet.Type != PacketType.InBand || payload.Length > _message.Length)
            return;
        payload.CopyTo(_message);
        _transactionId = packet.TransactionId;
        _length = payload.Length;
        var outcome = Frame.Process(_message.AsSpan(0, _length), _defer);
        switch (outcome)
        {
            case IcFrameOutcome.Dropped:
            case IcFrameOutcome.Deferred:
                return;
            case IcFrameOutcome.Negotiated:
                Negotiated();
                break;
        }

        lock (_gate)
            Send();
    }

    public override void OnRoom(VmBusChannel channel)
    {
        lock (_gate)
        {
            if (!_isUnsent)
                return;
            _isUnsent = false;
            Send();
            ResumeUnlessBusy();
        }
    }

    public override void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
        lock (_gate)
        {
            // What is owed to a host that has gone is owed no more.
            _owed = null;
            _isUnsent = false;
        }
    }

    private void Negotiated()
    {
        if (Frame.Version is { } version)
        {
            _driver.Service.OnNegotiated(version);
            _driver.Report(this, ServiceState.Negotiated);
            return;
        }

        _log.Warning($"the host offers no version of {_driver.Name} that is spoken here");
        _driver.Report(this, ServiceState.Failed, "the host offers no version that is spoken here");
    }

    private IcDeferral Defer()
    {
        lock (_gate)
        {
            _owed = new IcDeferral(Answer);
            _device.Channel.PauseReceiving();
            return _owed;
        }
    }

    private void Answer(IcDeferral deferral, IcStatus status)
    {
        lock (_gate)
        {
            if (_owed != deferral)
                return;
            _owed = null;
            Frame.Finish(_message.AsSpan(0, _length), status);
            Send();
            ResumeUnlessBusy();
        }
    }

    private void Send()
    {
        if (_device.Channel.TrySendUnder(_transactionId, _message.AsSpan(0, _length)) != SendResult.RingFull)
            return;
        _isUnsent = true;
        _device.Channel.PauseReceiving();
    }

    private void ResumeUnlessBusy()
    {
        if (_owed is null && !_isUnsent && !_isSuspended)
            _device.Channel.ResumeReceiving();
    }
}
