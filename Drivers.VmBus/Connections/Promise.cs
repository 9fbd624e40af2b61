using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// The end of an operation that somebody awaits. It is announced on a thread of the executor, so that what follows the await never runs on
/// the message pump. Only the first end counts.
/// </summary>
internal sealed class Promise : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource _source = new();
    private readonly IExecutor _executor;
    private VmBusException? _failure;
    private int _isSet;

    public Promise(IExecutor executor) => _executor = executor;

    public Task Task => _source.Task;

    public bool IsSet => Volatile.Read(ref _isSet) != 0;

    public void Succeed() => End(null);

    public void Fail(VmBusErrorKind kind, string message) => End(new VmBusException(kind, message));

    public void Execute()
    {
        if (_failure is null)
            _source.TrySetResult();
        else
            _source.TrySetException(_failure);
    }

    private void End(VmBusException? failure)
    {
        if (Interlocked.Exchange(ref _isSet, 1) != 0)
            return;
        _failure = failure;
        _executor.Post(this);
    }
}
