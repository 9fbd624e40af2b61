using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine.Processors;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>A packet that waits for room, awaited by its sender. Its end is announced on a thread of the executor.</summary>
internal sealed class SendWaiter : PooledTask<SendWaiter, SendResult>, IThreadPoolWorkItem
{
    private readonly ChannelPort _port;
    private readonly IExecutor _executor;
    private SendResult _result;
    private bool _isCancelled;

    public SendWaiter(ChannelPort port, IExecutor executor)
        : base(runContinuationsAsynchronously: false)
    {
        _port = port;
        _executor = executor;
    }

    public ReadOnlyMemory<byte> Payload { get; private set; }

    public ChannelRequest? Request { get; private set; }

    public CancellationToken Token { get; private set; }

    public int PacketLength => RingWriter.InBandLength(Payload.Length);

    public void Fill(ReadOnlyMemory<byte> payload, ChannelRequest? request, CancellationToken token)
    {
        Payload = payload;
        Request = request;
        Token = token;
        _isCancelled = false;
    }

    /// <summary>Watches for a cancellation; not under the port's lock.</summary>
    public void Watch() => WatchToken(Token);

    /// <summary>It was taken out of the queue.</summary>
    public void End(SendResult result, bool isCancelled = false)
    {
        _result = result;
        _isCancelled = isCancelled;
        _executor.Post(this);
    }

    public void Execute()
    {
        if (_isCancelled)
            Fail(new VmBusException(VmBusErrorKind.Cancelled, "sending was given up while it waited for room"));
        else
            Complete(_result);
    }

    protected override void Cancel() => _port.Cancel(this);

    protected override void Recycle()
    {
        Payload = default;
        Request = null;
        _port.Return(this);
    }
}
