using System.Globalization;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Paths;

/// <summary>Paths that come and go, and the switch from one to another.</summary>
internal sealed partial class MultipathDisk
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private ITimer? _retryTimer;
    private TimeSpan _retry = FirstRetry;
    private long _heldSince;
    private long _inFlight;

    /// <summary>Adds a way; the disk changes over to it when it is better than the one in use.</summary>
    public void AddPath(IMediumPath device, string driver)
    {
        bool isStarted;
        lock (_lock)
        {
            _paths.Add(new DiskPath(device, driver, PathState.Standby));
            isStarted = BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
    }

    /// <summary>
    /// Takes a way back whose device is about to end or has ended; the disk changes over to what is left. The device carries out, or fails as
    /// gone, what it has.
    /// </summary>
    /// <returns>False when nothing is left: the disk is gone.</returns>
    public bool RemovePath(IBlockDevice device)
    {
        bool isStarted = false;
        bool isAlive;
        lock (_lock)
        {
            foreach (DiskPath path in _paths)
            {
                if (ReferenceEquals(path.Device, device))
                    path.TryMove(PathState.Lost);
            }

            isAlive = FindBest() is not null;
            if (isAlive)
            {
                _paths.RemoveAll(path => ReferenceEquals(path.Device, device));
                isStarted = BeginSwitch();
            }
        }

        if (isStarted)
            _ = RunSwitchAsync();
        return isAlive;
    }

    /// <summary>Whether this device is one of the ways.</summary>
    public bool HasPath(IBlockDevice device)
    {
        lock (_lock)
            return _paths.Exists(path => ReferenceEquals(path.Device, device));
    }

    private DiskPath? FindBest()
    {
        DiskPath? best = null;
        foreach (DiskPath path in _paths)
        {
            if (path.IsUsable && (best is null || path.Score > best.Score))
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

    /// <summary>Brings the disk to its best path, then lets those that wait go on; ends when nobody waits.</summary>
    private async Task RunSwitchAsync()
    {
        while (true)
        {
            DiskPath from = _current;
            DiskPath? best;
            PathRequest? next = null;
            lock (_lock)
            {
                best = FindBest();
                if (best is null || best == from)
                {
                    next = _returned.Dequeue() ?? _waiting.Dequeue();
                    if (next is null)
                    {
                        _state = SwitchState.Open;
                        _gate.Open();
                        return;
                    }
                }
            }

            if (next is not null)
                Reissue(next, from);
            else
                await ChangeAsync(from, best!).ConfigureAwait(false);
        }
    }

    private void Reissue(PathRequest request, DiskPath path)
    {
        request.ForgetToken();
        IMediumPath device = path.Device;

        // The request came when the disk could do it. It is a hint, and may be left out.
        if (request.Kind == PathRequestKind.Discard && !device.Geometry.CanDiscard)
        {
            request.Announce(BlockResult.Success);
            return;
        }

        _gate.EnterHeld();
        try
        {
            request.Watch(path, Issue(device, request.Kind, request.Block, request.Count, request.Memory, request.Token));
        }
        catch (Exception exception)
        {
            _gate.Leave();
            request.Announce(exception);
        }
    }

    /// <summary>One change, or one attempt: afterwards the paths are judged again.</summary>
    private async Task ChangeAsync(DiskPath from, DiskPath to)
    {
        await _gate.DrainAsync().ConfigureAwait(false);
        if (from.IsUsable && Compare(from.Device, to.Device) is { } difference)
        {
            lock (_lock)
                to.TryMove(PathState.Foreign);
            Report(from, to, difference);
            return;
        }

        if (from.IsUsable && await RestAsync(from).ConfigureAwait(false) is { } reason)
        {
            // Who is gone is left without its flush.
            if (!from.IsUsable)
                return;
            Postpone(to);
            Report(from, to, reason);
            return;
        }

        if (await WakeAsync(to, mustFlush: !from.IsResting).ConfigureAwait(false) is { } failure)
        {
            Report(from, to, failure);
            if (from.IsResting && from.IsUsable)
                await WakeAsync(from, mustFlush: false).ConfigureAwait(false);
            return;
        }

        lock (_lock)
        {
            // It may be lost again already, and still is the one to change over from.
            from.TryMove(PathState.Standby);
            to.TryMove(PathState.Serving);
            Volatile.Write(ref _current, to);
        }

        Report(from, to, null);
        _heldSince = _clock.GetTimestamp();
        _inFlight = 0;
        _retry = FirstRetry;
    }

    /// <summary>Lets a device flush and rest. Returns what is wrong, or null.</summary>
    private async Task<string?> RestAsync(DiskPath path)
    {
        try
        {
            BlockResult result = await path.Device.QuiesceAsync().ConfigureAwait(false);
            path.IsResting = result.IsSuccess;
            if (IsGone(result))
                Lose(path);
            return result.Error?.ToString();
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Makes a device ready to serve. Returns why it is lost, or null.</summary>
    private async Task<string?> WakeAsync(DiskPath path, bool mustFlush)
    {
        try
        {
            if (path.IsResting)
                await path.Device.ResumeAsync().ConfigureAwait(false);
            path.IsResting = false;

            // When the flush fails nobody was told that it had succeeded: the next one that a program asks for decides.
            BlockResult result = mustFlush ? await path.Device.FlushAsync().ConfigureAwait(false) : BlockResult.Success;
            if (!IsGone(result))
                return null;
            Lose(path);
            return result.Error!.ToString();
        }
        catch (Exception exception)
        {
            Lose(path);
            return exception.Message;
        }
    }

    /// <summary>Tries again later, ever more rarely.</summary>
    private void Postpone(DiskPath path)
    {
        lock (_lock)
            path.TryMove(PathState.Postponed);
        _retryTimer ??= _clock.CreateTimer(static state => ((MultipathDisk)state!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retryTimer.Change(_retry, Timeout.InfiniteTimeSpan);
        _retry = _retry * 2 < LongestRetry ? _retry * 2 : LongestRetry;
    }

    private void Retry()
    {
        bool isStarted;
        lock (_lock)
        {
            foreach (DiskPath path in _paths)
            {
                if (path.State == PathState.Postponed)
                    path.TryMove(PathState.Standby);
            }

            isStarted = FindBest() != _current && BeginSwitch();
        }

        if (isStarted)
            _ = RunSwitchAsync();
    }

    private void Lose(DiskPath path)
    {
        lock (_lock)
            path.TryMove(PathState.Lost);
    }

    /// <summary>Two ways to one medium agree about its size. Returns where they do not.</summary>
    private static string? Compare(IMediumPath from, IMediumPath to)
    {
        BlockGeometry here = from.Geometry;
        BlockGeometry there = to.Geometry;
        if (here.BlockSize == there.BlockSize && here.BlockCount == there.BlockCount && here.IsReadOnly == there.IsReadOnly)
            return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"it cannot be the same medium: {there.BlockCount} blocks of {there.BlockSize} bytes{(there.IsReadOnly ? ", read-only" : "")}; {from.Name} has {here.BlockCount} of {here.BlockSize}{(here.IsReadOnly ? ", read-only" : "")}");
    }

    private void Report(DiskPath from, DiskPath to, string? error) => _report(new HandoffReport(
        from.Describe(Medium), to.Describe(Medium), _inFlight, _clock.GetElapsedTime(_heldSince), error));
}
