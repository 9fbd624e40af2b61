using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// One opening of the channel: its handler, and the thread that owns the <see cref="BalloonClient"/>. The thread runs for a message, for room
/// in the ring, at its time, and for the end.
/// </summary>
internal sealed class BalloonSession : ChannelHandler, IBalloonLink
{
    /// <summary>One direction, control page included (as Linux).</summary>
    private const int RingSize = 20 * 1024;

    /// <summary>A message is a page at most; hosts may pad it, and the packet has a header.</summary>
    private const int LargestPacket = 8192;

    private readonly VmBusChannel _channel;
    private readonly ILog _log;
    private readonly MessageInbox _inbox;
    private readonly IWorkThreads _threads;
    private readonly TaskCompletionSource<string?> _agreement;
    private readonly TaskCompletionSource _end;
    private IWorkThread? _thread;
    private volatile bool _isEnding;
    private bool _isStarted;

    public BalloonSession(VmBusChannel channel, DriverContext context, IDynamicMemory memory, BalloonOptions options, BalloonTally tally, Action<BalloonChange> changed)
    {
        _channel = channel;
        _log = context.Log;
        _threads = context.WorkThreads;
        _inbox = new MessageInbox(LargestPacket, channel.PauseReceiving, channel.ResumeReceiving);
        var continuation = options.ContinueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;
        _agreement = new TaskCompletionSource<string?>(continuation);
        _end = new TaskCompletionSource(continuation);
        Client = new BalloonClient(memory, this, context.Clock, context.Log, tally, options.HighestVersion, changed);
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
        Volatile.Write(ref _thread, _threads.Start("balloon", Work));
        Wake();
        string? failure = await _agreement.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw new VmBusException(failure);
    }

    /// <summary>Ends the work and closes the channel. Never throws.</summary>
    public async ValueTask CloseAsync()
    {
        _isEnding = true;
        if (_thread is { } thread)
        {
            thread.Wake();
            await _end.Task.ConfigureAwait(false);
        }

        await _channel.CloseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public SendResult TrySend(ReadOnlySpan<byte> message) => _channel.TrySend(message);

    /// <inheritdoc/>
    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        // A host that sends on although nothing is taken any more only meets the packets that were read before the pause.
        if (_inbox.TryAdd(packet.Payload))
            Wake();
    }

    /// <inheritdoc/>
    public override void OnRoom(VmBusChannel channel) => Wake();

    /// <inheritdoc/>
    public override void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
        _isEnding = true;
        _agreement.TrySetResult($"The channel ended before there was an agreement: {reason}.");
        Wake();
    }

    /// <summary>What comes before the thread is known here is found by the run that follows then.</summary>
    private void Wake() => Volatile.Read(ref _thread)?.Wake();

    /// <summary>One run of the thread.</summary>
    private TimeSpan? Work()
    {
        try
        {
            if (!_isStarted)
            {
                _isStarted = true;
                Client.Start();
            }

            if (!_isEnding)
                return DoWork();
        }
        catch (Exception exception)
        {
            _log.Error($"The dynamic-memory client failed: {exception}");
            _agreement.TrySetResult(exception.Message);
        }

        Client.End();
        _end.SetResult();
        return null;
    }

    /// <summary>One part of what there is to do, and how long there is nothing more.</summary>
    private TimeSpan DoWork()
    {
        var time = Client.Tick();
        if (Client.Failure is { } failure)
            _agreement.TrySetResult(failure);
        else if (Client.IsReady)
            _agreement.TrySetResult(null);
        if (Client.IsBusy)
            return Client.Step() ? TimeSpan.Zero : time;
        if (!_inbox.TryPeek(out var message))
            return time;
        Client.Receive(message);
        _inbox.Remove();
        return TimeSpan.Zero;
    }
}
