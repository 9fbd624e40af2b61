using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// One opening of the channel: its handler, and the loop that owns the <see cref="BalloonClient"/>. The loop wakes for a message, for room
/// in the ring, for its timer, and for the end.
/// </summary>
internal sealed class BalloonSession : ChannelHandler, IBalloonLink
{
    /// <summary>One direction, control page included (as Linux).</summary>
    private const int RingSize = 20 * 1024;

    /// <summary>A message is a page at most; hosts may pad it, and the packet has a header.</summary>
    private const int LargestPacket = 8192;

    private readonly VmBusChannel _channel;
    private readonly ILog _log;
    private readonly MessageInbox _inbox = new(LargestPacket);
    private readonly WakeSignal _wake;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource<string?> _agreement;
    private Task _loop = Task.CompletedTask;
    private volatile bool _isEnding;

    public BalloonSession(VmBusChannel channel, DriverContext context, IDynamicMemory memory, BalloonOptions options, BalloonTally tally, Action<BalloonChange> changed)
    {
        _channel = channel;
        _log = context.Log;
        _wake = new WakeSignal(options.ContinueInline);
        _agreement = new TaskCompletionSource<string?>(options.ContinueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        Client = new BalloonClient(memory, this, context.Clock, context.Log, tally, options.HighestVersion, changed);
        _timer = context.Clock.CreateTimer(static state => ((BalloonSession)state!)._wake.Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public BalloonClient Client { get; }

    /// <summary>Opens the channel and agrees with the host.</summary>
    /// <exception cref="InvalidOperationException">There is no agreement; the message says why.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        var options = new ChannelOpenOptions
        {
            Handler = this,
            SendRingSize = RingSize,
            ReceiveRingSize = RingSize,
            Accepted = PacketTypes.InBand,
            LargestPacket = LargestPacket,
            ToleratesLatency = false,
        };
        await _channel.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        _loop = RunAsync();
        string? failure = await _agreement.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw new InvalidOperationException(failure);
    }

    /// <summary>Ends the loop and closes the channel. Never throws.</summary>
    public async ValueTask CloseAsync()
    {
        _isEnding = true;
        _wake.Set();
        await _loop.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _channel.CloseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public SendResult TrySend(ReadOnlySpan<byte> message) => _channel.TrySend(message);

    /// <inheritdoc/>
    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        // A host that sends on although nothing is taken any more only meets the packets that were read before the pause.
        if (!_inbox.TryAdd(packet.Payload, out bool isFull))
            return;
        if (isFull)
            channel.PauseReceiving();
        _wake.Set();
    }

    /// <inheritdoc/>
    public override void OnRoom(VmBusChannel channel) => _wake.Set();

    /// <inheritdoc/>
    public override void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
        _isEnding = true;
        _agreement.TrySetResult($"The channel ended before there was an agreement: {reason}.");
        _wake.Set();
    }

    private async Task RunAsync()
    {
        try
        {
            Client.Start();
            while (!_isEnding)
            {
                if (!DoWork())
                    await _wake.WaitAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _log.Error($"The dynamic-memory client failed: {exception}");
            _agreement.TrySetResult(exception.Message);
        }

        Client.End();
    }

    /// <summary>One part of what there is to do; false when it waits for something.</summary>
    private bool DoWork()
    {
        _timer.Change(Client.Tick(), Timeout.InfiniteTimeSpan);
        if (Client.Failure is { } failure)
            _agreement.TrySetResult(failure);
        else if (Client.IsReady)
            _agreement.TrySetResult(null);
        if (Client.IsBusy)
            return Client.Step();
        if (!_inbox.TryPeek(out var message))
            return false;
        Client.Receive(message);
        if (_inbox.Remove())
            _channel.ResumeReceiving();
        return true;
    }
}
