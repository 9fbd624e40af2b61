using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>A request whose completion is awaited; ends on a thread of the executor.</summary>
internal sealed class AwaitedRequest : ChannelRequest, IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<int> _source = new();
    private readonly IExecutor _executor;
    private readonly Memory<byte> _answer;
    private VmBusException? _failure;
    private int _length;
    private int _isSet;

    public AwaitedRequest(IExecutor executor, Memory<byte> answer)
    {
        _executor = executor;
        _answer = answer;
    }

    public Task<int> Task => _source.Task;

    public void Fail(VmBusErrorKind kind, string message)
    {
        if (Interlocked.Exchange(ref _isSet, 1) != 0)
            return;
        _failure = new VmBusException(kind, message);
        _executor.Post(this);
    }

    public void Execute()
    {
        if (_failure is null)
            _source.TrySetResult(_length);
        else
            _source.TrySetException(_failure);
    }

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload)
    {
        if (status != RequestStatus.Completed)
        {
            var kind = status == RequestStatus.Rescinded ? VmBusErrorKind.Rescinded : VmBusErrorKind.Broken;
            Fail(kind, $"the channel ended ({status}) before the request was completed");
            return;
        }

        if (Interlocked.Exchange(ref _isSet, 1) != 0)
            return;
        payload[..Math.Min(payload.Length, _answer.Length)].CopyTo(_answer.Span);
        _length = payload.Length;
        _executor.Post(this);
    }
}
