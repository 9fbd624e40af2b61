namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>One attempt to disconnect, and those that were made meanwhile: they share its end.</summary>
internal sealed class DisconnectOperation
{
    private readonly List<DisconnectOperation> _joined = [];
    private readonly Promise _promise;

    public DisconnectOperation(Promise promise, bool isSuspend)
    {
        _promise = promise;
        IsSuspend = isSuspend;
    }

    /// <summary>Channels stay for a resume. Not once somebody has asked for more.</summary>
    public bool IsSuspend { get; private set; }

    /// <summary>The host answered.</summary>
    public bool IsAnswered { get; private set; }

    public Task Task => _promise.Task;

    public void Join(DisconnectOperation other)
    {
        IsSuspend &= other.IsSuspend;
        _joined.Add(other);
    }

    public void End(bool isAnswered)
    {
        IsAnswered = isAnswered;
        _promise.Succeed();
        foreach (var other in _joined)
            other.End(isAnswered);
    }

    public void Cancel() => _promise.Fail(VmBusErrorKind.Cancelled, "waiting for the end of the connection was given up");
}
