using System.Runtime.CompilerServices;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Network;
using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>Sending.</summary>
internal sealed partial class MultipathNic
{
    private const int LargestPool = 256;

    private LinkedQueue<PathSend> _returned;
    private LinkedQueue<PathSend> _waiting;

    /// <summary>Frames that a path has been given and has not spoken of; one that comes back meanwhile may have to go by another.</summary>
    private readonly Dictionary<Frame, PathSend> _issued = [];
    private LinkedPool<PathSend> _spare = new(LargestPool);

    public ValueTask<NetworkResult> SendAsync(Frame frame, CancellationToken cancellationToken = default)
    {
        if (FindFault(frame) is { } fault)
        {
            frame.Release();
            return new(NetworkResult.Failure(fault));
        }

        PathSend send = Rent();
        send.Fill(frame, cancellationToken);
        ValueTask<NetworkResult> task = send.Task;
        if (_gate.TryEnter())
            Issue(send, Volatile.Read(ref _current));
        else
            Wait(send);
        return task;
    }

    /// <summary>
    /// Goes to the device as it is, so that it is told once. When that one vanishes meanwhile nobody knows which of them it has sent: none is
    /// sent again, and all count as dropped.
    /// </summary>
    public ValueTask<NetworkResult> SendAsync(ReadOnlyMemory<Frame> frames, CancellationToken cancellationToken = default)
    {
        foreach (Frame frame in frames.Span)
        {
            if (FindFault(frame) is not null)
                return SendSinglyAsync(frames, cancellationToken);
        }

        if (!_gate.TryEnter())
            return SendSinglyAsync(frames, cancellationToken);
        NetworkPath path = Volatile.Read(ref _current);
        if (IsLost(path))
        {
            _gate.Leave();
            return SendSinglyAsync(frames, cancellationToken);
        }

        ValueTask<NetworkResult> issued;
        try
        {
            issued = path.Device.SendAsync(frames, cancellationToken);
        }
        catch
        {
            _gate.Leave();
            throw;
        }

        return issued.IsCompletedSuccessfully ? new(SettleBatch(path, frames.Length, issued.Result)) : AwaitBatchAsync(path, frames.Length, issued);
    }

    /// <summary>The token of a send that waits was cancelled. One that does not wait is its device's to cancel.</summary>
    public void Cancel(PathSend send)
    {
        lock (_lock)
        {
            send.IsCancelled = true;
            if (!_waiting.Remove(send) && !_returned.Remove(send))
                return;
        }

        send.Frame.Release();
        send.Announce(new OperationCanceledException(send.Token));
    }

    /// <summary>A send's result was taken; it may serve again.</summary>
    public void Return(PathSend send)
    {
        lock (_lock)
            _spare.Return(send);
    }

    /// <summary>A path has said how a frame's way ended.</summary>
    public void Settle(PathSend send, NetworkPath path, in NetworkResult result)
    {
        bool isReturned = Forget(send);
        if (isReturned && result.Error is { Kind: NetworkErrorKind.Gone })
        {
            send.Restore();
            if (TryTakeBack(send, path))
                return;
            send.Frame.Release();
        }
        else if (isReturned)
        {
            GiveBack(send);
        }

        _gate.Leave();
        send.Announce(result);
    }

    /// <summary>A path has thrown: the send was cancelled.</summary>
    public void Settle(PathSend send, Exception exception)
    {
        if (Forget(send))
            GiveBack(send);
        _gate.Leave();
        send.Announce(exception);
    }

    /// <summary>One after another, as they are let in.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<NetworkResult> SendSinglyAsync(ReadOnlyMemory<Frame> frames, CancellationToken cancellationToken)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            NetworkResult result;
            try
            {
                result = await SendAsync(frames.Span[i], cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                ReleaseFrom(frames, i + 1);
                throw;
            }

            if (result.IsSuccess)
                continue;
            ReleaseFrom(frames, i + 1);
            return result;
        }

        return NetworkResult.Success;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<NetworkResult> AwaitBatchAsync(NetworkPath path, int count, ValueTask<NetworkResult> issued)
    {
        NetworkResult result;
        try
        {
            result = await issued.ConfigureAwait(false);
        }
        catch
        {
            _gate.Leave();
            throw;
        }

        return SettleBatch(path, count, result);
    }

    private NetworkResult SettleBatch(NetworkPath path, int count, in NetworkResult result)
    {
        bool isAlive = false, isStarted = false;
        if (result.Error is { Kind: NetworkErrorKind.Gone })
        {
            lock (_lock)
            {
                path.TryMove(PathState.Lost);
                isAlive = FindBest() is not null;
                if (isAlive)
                {
                    _past = _past with { SendDropped = _past.SendDropped + count };
                    isStarted = BeginSwitch();
                }
            }
        }

        _gate.Leave();
        if (isStarted)
            _ = RunSwitchAsync();
        return isAlive ? NetworkResult.Success : result;
    }

    private static void ReleaseFrom(ReadOnlyMemory<Frame> frames, int first)
    {
        for (int i = first; i < frames.Length; i++)
            frames.Span[i].Release();
    }

    private static void GiveBack(PathSend send)
    {
        send.Restore();
        send.Frame.Release();
    }

    /// <summary>What is wrong with a frame whatever device it goes by; the device judges the rest.</summary>
    private NetworkError? FindFault(Frame frame)
    {
        if (frame.Length >= HeaderSize && (frame.Length <= Mtu + HeaderSize || frame.Offload.SegmentSize != 0) && frame.Capacity >= ShortestFrame)
            return null;
        return new NetworkError(NetworkErrorKind.InvalidRequest, Name, $"a frame of {frame.Length} bytes: it takes {HeaderSize} to {Mtu + HeaderSize}");
    }

    /// <summary>Somebody gives a frame of the pool back. True when it is kept: its path has not yet said what became of it.</summary>
    private bool Keep(Frame frame)
    {
        lock (_lock)
        {
            if (!_issued.TryGetValue(frame, out PathSend? send))
                return false;
            send.IsReturned = true;
            return true;
        }
    }

    private bool Forget(PathSend send)
    {
        lock (_lock)
        {
            _issued.Remove(send.Frame);
            return send.IsReturned;
        }
    }

    /// <summary>Inside of the gate.</summary>
    private void Issue(PathSend send, NetworkPath path)
    {
        bool isLost;
        lock (_lock)
        {
            isLost = path.IsLost;
            if (!isLost)
                _issued[send.Frame] = send;
        }

        if (isLost)
        {
            Fail(send, path);
            return;
        }

        ValueTask<NetworkResult> issued;
        try
        {
            issued = path.Device.SendAsync(send.Frame, send.Token);
        }
        catch (Exception exception)
        {
            Settle(send, exception);
            return;
        }

        if (issued.IsCompletedSuccessfully)
            Settle(send, path, issued.Result);
        else
            send.Watch(path, issued);
    }

    /// <summary>
    /// The path is lost, and was not given the frame: its device may be there still, and hold what it gets for ever. Inside of the gate.
    /// </summary>
    private void Fail(PathSend send, NetworkPath path)
    {
        if (TryTakeBack(send, path))
            return;
        send.Frame.Release();
        _gate.Leave();
        send.Announce(NetworkResult.Failure(GoneError()));
    }

    /// <summary>The gate is held, or was a moment ago.</summary>
    private void Wait(PathSend send)
    {
        send.WatchToken();
        bool isCancelled, isStarted = false;
        lock (_lock)
        {
            isCancelled = send.IsCancelled;
            if (!isCancelled)
            {
                // The switch that held the gate may have ended meanwhile; then one that changes nothing lets the frame in.
                _waiting.Enqueue(send);
                isStarted = BeginSwitch();
            }
        }

        if (isCancelled)
        {
            send.Frame.Release();
            send.Announce(new OperationCanceledException(send.Token));
        }

        if (isStarted)
            _ = RunSwitchAsync();
    }

    /// <summary>A device failed the frame because it is gone. When another path is left the frame waits for that.</summary>
    private bool TryTakeBack(PathSend send, NetworkPath path)
    {
        send.WatchToken();
        bool isTaken, isStarted = false;
        lock (_lock)
        {
            path.TryMove(PathState.Lost);
            isTaken = !send.IsCancelled && FindBest() is not null;
            if (isTaken)
            {
                _returned.Enqueue(send);
                isStarted = BeginSwitch();
            }
        }

        if (!isTaken)
        {
            send.ForgetToken();
            return false;
        }

        _gate.Leave();
        if (isStarted)
            _ = RunSwitchAsync();
        return true;
    }

    private PathSend Rent()
    {
        lock (_lock)
        {
            if (_spare.Rent() is { } send)
                return send;
        }

        return new PathSend(this);
    }
}
