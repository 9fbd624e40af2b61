using System.Threading.Tasks.Sources;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine.Processors;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A packet that waits for room, awaited by its sender. Its end is announced on a thread of the executor; it goes back to the port's pool
/// when the result is taken. Nothing is allocated on the way.
/// </summary>
internal sealed class SendWaiter : Linked<SendWaiter>, IValueTaskSource<SendResult>, IThreadPoolWorkItem
{
    private readonly ChannelPort _port;
    private readonly IExecutor _executor;
    private ManualResetValueTaskSourceCore<SendResult> _source;
    private CancellationTokenRegistration _registration;
    private SendResult _result;
    private bool _isCancelled;

    public SendWaiter(ChannelPort port, IExecutor executor)
    {
        _port = port;
        _executor = executor;
    }

    public ReadOnlyMemory<byte> Payload { get; private set; }

    public ChannelRequest? Request { get; private set; }

    public CancellationToken Token { get; private set; }

    public int PacketLength => RingWriter.InBandLength(Payload.Length);

    public ValueTask<SendResult> Task => new(this, _source.Version);

    public void Fill(ReadOnlyMemory<byte> payload, ChannelRequest? request, CancellationToken token)
    {
        Payload = payload;
        Request = request;
        Token = token;
        _isCancelled = false;
        _registration = default;
    }

    /// <summary>Watches for a cancellation; not under the port's lock.</summary>
    public void Watch()
    {
        if (Token.CanBeCanceled)
            _registration = Token.UnsafeRegister(static state => ((SendWaiter)state!)._port.Cancel((SendWaiter)state!), this);
    }

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
            _source.SetException(new VmBusException(VmBusErrorKind.Cancelled, "sending was given up while it waited for room"));
        else
            _source.SetResult(_result);
    }

    SendResult IValueTaskSource<SendResult>.GetResult(short token)
    {
        // Waits for a cancellation that is running on another thread, so that it cannot hit the waiter's next life.
        _registration.Dispose();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            Payload = default;
            Request = null;
            _port.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<SendResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<SendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
