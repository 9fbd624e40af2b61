using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>Paths that come and go, and the switch from one to another.</summary>
internal sealed partial class MultipathNic
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private TaskCompletionSource<NetworkResult>? _resting;
    private ITimer? _retryTimer;
    private SwitchState _state;

    /// <summary>Rest is wanted.</summary>
    private bool _isHeld;
    private long _heldSince;
    private long _inFlight;

    /// <summary>Adds a way; the interface changes over to it when it is better than the one in use. Until its turn the device is held.</summary>
    public void AddPath(INetworkPath device, string driver)
    {
        var path = new NetworkPath(device, driver, PathState.Standby) { IsResting = true, Arrival = device.QuiesceAsync().AsTask() };
        bool isStarted;
        lock (_lock)
        {
            _paths.Add(path);
            isStarted = BeginSwitch();
        }

        Begin(path);
        if (isStarted)
            _ = RunSwitchAsync();
    }

    /// <summary>Takes a way back whose device is about to end or has ended; the interface changes over to what is left.</summary>
    /// <returns>False when nothing is left: the interface is gone.</returns>
    public bool RemovePath(INetworkDevice device)
    {
        bool isAlive, isStarted;
        lock (_lock)
        {
            foreach (NetworkPath path in _paths)
            {
                if (ReferenceEquals(path.Device, device))
                    path.TryMove(PathState.Lost);
            }

            isAlive = FindBest() is not null;
            if (isAlive)
            {
                _paths.RemoveAll(path => ReferenceEquals(path.Device, device));
                Retire(device);
            }

            // With nothing left, frames that wait fail, those of an interface at rest too.
            isStarted = BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
        if (!isAlive)
            Close();
        return isAlive;
    }

    /// <summary>Whether this device is one of the ways.</summary>
    public bool HasPath(INetworkDevice device)
    {
        lock (_lock)
            return _paths.Exists(path => ReferenceEquals(path.Device, device));
    }

    /// <summary>Holds new frames back here, and brings the device in use to rest.</summary>
    public async ValueTask<NetworkResult> QuiesceAsync(CancellationToken cancellationToken = default)
    {
        Task<NetworkResult> wait;
        bool isStarted;
        lock (_lock)
        {
            _isHeld = true;
            _resting ??= new TaskCompletionSource<NetworkResult>();
            wait = _resting.Task;
            isStarted = BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
        try
        {
            return await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await ResumeAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Undoes <see cref="QuiesceAsync"/>.</summary>
    public ValueTask<NetworkResult> ResumeAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isStarted;
        lock (_lock)
        {
            _isHeld = false;
            isStarted = BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
        return new(NetworkResult.Success);
    }

    private NetworkPath? FindBest()
    {
        NetworkPath? best = null;
        foreach (NetworkPath path in _paths)
        {
            if (path.IsUsable && path.Device.Mtu >= Mtu && (best is null || path.Score > best.Score))
                best = path;
        }

        return best;
    }

    /// <summary>Holds the gate for a switch; false when one is under way, which sees what has changed. Under the lock.</summary>
    private bool BeginSwitch()
    {
        if (_state == SwitchState.Switching)
            return false;
        _state = SwitchState.Switching;
        _heldSince = _clock.GetTimestamp();
        _inFlight = _gate.Hold();
        return true;
    }

    /// <summary>Brings the interface to its best path, in the state that is wanted, then lets those that wait go on; ends when nobody waits.</summary>
    private async Task RunSwitchAsync()
    {
        while (true)
        {
            NetworkPath from = _current;
            NetworkPath? best;
            PathSend? next = null;
            TaskCompletionSource<NetworkResult>? resting = null;
            bool isDone = false;
            lock (_lock)
            {
                best = FindBest();
                if (best is null || (best == from && from.IsResting == _isHeld))
                {
                    // While the interface is held the gate stays so when the switch ends.
                    bool staysHeld = _isHeld && best is not null;
                    next = staysHeld ? null : _returned.Dequeue() ?? _waiting.Dequeue();
                    isDone = next is null;
                    if (isDone)
                    {
                        resting = _resting;
                        _resting = null;
                        if (best is null && resting is not null)
                            _isHeld = false;
                        _state = staysHeld ? SwitchState.AtRest : SwitchState.Open;
                        if (!staysHeld)
                            _gate.Open();
                    }
                }
            }

            if (isDone)
            {
                resting?.TrySetResult(best is null ? NetworkResult.Failure(GoneError()) : NetworkResult.Success);
                return;
            }

            if (next is not null)
                Reissue(next, from);
            else if (best == from)
                await RestOrWakeAsync(from).ConfigureAwait(false);
            else
                await ChangeAsync(from, best!).ConfigureAwait(false);
        }
    }

    private void Reissue(PathSend send, NetworkPath path)
    {
        send.ForgetToken();
        _gate.EnterHeld();
        Issue(send, path);
    }

    /// <summary>The interface itself was quiesced or resumed.</summary>
    private async Task RestOrWakeAsync(NetworkPath path)
    {
        if (path.IsResting)
        {
            await WakeAsync(path).ConfigureAwait(false);
            return;
        }

        await _gate.DrainAsync().ConfigureAwait(false);
        NetworkResult result = await RestAsync(path).ConfigureAwait(false);
        if (result.IsSuccess || path.IsLost)
            return;
        TaskCompletionSource<NetworkResult>? resting;
        lock (_lock)
        {
            _isHeld = false;
            resting = _resting;
            _resting = null;
        }

        resting?.TrySetResult(result);
    }

    /// <summary>One change, or one attempt: afterwards the paths are judged again.</summary>
    private async Task ChangeAsync(NetworkPath from, NetworkPath to)
    {
        // What the old device has been given is its own until it says how that ended.
        await _gate.DrainAsync().ConfigureAwait(false);
        if (to.Arrival is { } arrival)
        {
            to.Arrival = null;
            NetworkResult held = await ResultOf(arrival).ConfigureAwait(false);
            if (!held.IsSuccess)
            {
                Lose(to);
                Report(from, to, held.Error.ToString());
                return;
            }
        }

        // One that was withdrawn may still have frames to send, and receive: it comes to rest too, unless it is gone already.
        bool isAtRest = from.IsResting;
        if (!isAtRest)
        {
            NetworkResult rest = await RestAsync(from).ConfigureAwait(false);
            isAtRest = rest.IsSuccess || rest.Error.Kind == NetworkErrorKind.Gone;
            if (!isAtRest && !from.IsLost)
            {
                Postpone(to);
                Report(from, to, rest.Error!.ToString());
                return;
            }
        }

        lock (_lock)
        {
            from.Delivers &= isAtRest;
            to.Delivers = true;

            // It may be lost again already, and still is the one to change over from.
            from.TryMove(PathState.Standby);
            to.TryMove(PathState.Serving);
            Volatile.Write(ref _current, to);
        }

        string? failure = _isHeld ? null : await WakeAsync(to).ConfigureAwait(false);
        Report(from, to, failure);
        _heldSince = _clock.GetTimestamp();
        _inFlight = 0;
        UpdateLink();
    }

    /// <summary>Lets a device send what it has, and rest.</summary>
    private async Task<NetworkResult> RestAsync(NetworkPath path)
    {
        NetworkResult result = await ResultOf(path.Device.QuiesceAsync().AsTask()).ConfigureAwait(false);
        path.IsResting = result.IsSuccess;
        if (result.Error is { Kind: NetworkErrorKind.Gone })
            Lose(path);
        return result;
    }

    /// <summary>Makes a device send and receive. Returns why it is lost, or null.</summary>
    private async Task<string?> WakeAsync(NetworkPath path)
    {
        ReceiveFilter filter;
        NetworkResult result;
        do
        {
            filter = Filter;
            result = await ResultOf(path.Device.SetFilterAsync(filter).AsTask()).ConfigureAwait(false);
        }
        while (result.IsSuccess && filter != Filter);
        if (result.IsSuccess)
            result = await ResultOf(path.Device.ResumeAsync().AsTask()).ConfigureAwait(false);
        path.IsResting = false;
        if (result.IsSuccess)
            return null;

        // It may receive all the same, beside the device that takes its place.
        lock (_lock)
        {
            path.TryMove(PathState.Lost);
            path.Delivers = false;
        }

        return result.Error.ToString();
    }

    private async Task<NetworkResult> ResultOf(Task<NetworkResult> task)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return NetworkResult.Failure(new NetworkError(NetworkErrorKind.Gone, Name, exception.Message));
        }
    }

    private void Postpone(NetworkPath path)
    {
        lock (_lock)
            path.TryMove(PathState.Postponed);
        _retryTimer ??= _clock.CreateTimer(static state => ((MultipathNic)state!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retryTimer.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Retry()
    {
        bool isStarted;
        lock (_lock)
        {
            foreach (NetworkPath path in _paths)
            {
                if (path.State == PathState.Postponed)
                    path.TryMove(PathState.Standby);
            }

            isStarted = FindBest() != _current && BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
    }

    private bool IsLost(NetworkPath path)
    {
        lock (_lock)
            return path.IsLost;
    }

    private void Lose(NetworkPath path)
    {
        lock (_lock)
            path.TryMove(PathState.Lost);
    }

    /// <summary>No device is left. What nobody has taken goes back: it is memory of the devices.</summary>
    private void Close()
    {
        _retryTimer?.Dispose();
        _receiveQueue.Close();
        _pool.Close();
        UpdateLink();
    }

    private NetworkError GoneError() => new(NetworkErrorKind.Gone, Name, "no device is left");

    private void Report(NetworkPath from, NetworkPath to, string? error) =>
        _report(new HandoffReport(from.Describe(), to.Describe(), _inFlight, _clock.GetElapsedTime(_heldSince), error));
}
