using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>The watch timer: it finds what interrupts did not tell, what takes too long, and how the link is.</summary>
internal sealed partial class TulipAdapter
{
    private TimeSpan _watchInterval = Timeout.InfiniteTimeSpan;
    private int _idleTicks;
    private int _isWatching;
    private bool _sawInterrupt;
    private bool _sawFinished;
    private long _reportedLost;
    private long _progress;
    private long _progressAt;
    private LinkStatus _link;
    private uint _mediumBits;
    private uint _mediumBitsWanted;
    private long _lastLinkPoll;
    private bool _linkIsInDoubt;

    /// <summary>Sees to it that the watch looks at least so often. Under the lock.</summary>
    private void KeepWatch(TimeSpan interval)
    {
        _idleTicks = 0;
        if (_phase == Phase.Gone || (_watchInterval != Timeout.InfiniteTimeSpan && _watchInterval <= interval))
            return;
        _watchInterval = interval;
        _watchTimer.Change(interval, interval);
    }

    private void Watch()
    {
        // A tick that comes while the one before is still at work is of no use.
        if (Interlocked.Exchange(ref _isWatching, 1) != 0)
            return;
        try
        {
            Deferred deferred = default;
            bool pollsLink;
            lock (_gate)
                pollsLink = LookAtRings(ref deferred);
            deferred.Run(this);
            ReportLostInterrupts();
            if (pollsLink)
                PollLink();
        }
        finally
        {
            Volatile.Write(ref _isWatching, 0);
        }
    }

    /// <summary>Under the lock. True when the link shall be looked at.</summary>
    private bool LookAtRings(ref Deferred deferred)
    {
        if (_phase is Phase.Gone or Phase.Paused)
        {
            Relax(Timeout.InfiniteTimeSpan);
            return false;
        }

        var isBusy = _tx.Used != 0 || _phase == Phase.Stopping || _stopped is not null;
        if (_phase == Phase.Stopping)
        {
            LookWhetherStopped(ref deferred);
        }
        else
        {
            LookForLostInterrupt(ref deferred);
            ReapLocked(ref deferred);
            PauseIfDrained();
            LookForProgress(ref deferred);
        }

        if (_phase != Phase.Running)
            return false;
        if (_stopped is null && _watchInterval == TulipTimeouts.StopInterval)
            Relax(TulipTimeouts.WatchInterval);
        if (isBusy)
            _idleTicks = 0;
        else if (++_idleTicks >= TulipTimeouts.IdleTicks)
            Relax(TulipTimeouts.IdleInterval);
        var interval = _link.IsUp ? TulipTimeouts.LinkInterval : TulipTimeouts.NoLinkInterval;
        return _linkIsInDoubt || _clock.GetElapsedTime(_lastLinkPoll) >= interval;
    }

    private void Relax(TimeSpan interval)
    {
        if (_watchInterval == interval)
            return;
        _watchInterval = interval;
        _watchTimer.Change(interval, interval);
    }

    /// <summary>Something received that was there at the last tick already, with no interrupt since, has had none.</summary>
    private void LookForLostInterrupt(ref Deferred deferred)
    {
        var finished = _rx.HasFinished;
        if (finished && _sawFinished && !_sawInterrupt)
        {
            _counters.LostInterrupts++;
            HarvestLocked(ref deferred);
            var status = _registers.Status;
            if (status == ChipStatus.AllOnes)
            {
                Vanish(ref deferred);
                return;
            }

            _registers.Write(Csr.Status, (uint)(status & (ChipStatus.ReceiveDone | ChipStatus.ReceiveNoBuffer | ChipStatus.NormalSummary)));
            _wantsReceivePoll = true;
            RefillLocked();
            finished = false;
        }

        _sawFinished = finished;
        _sawInterrupt = false;
    }

    private void LookForProgress(ref Deferred deferred)
    {
        if (_phase != Phase.Running)
            return;
        if (_tx.Used == 0 || _tx.Finished != _progress)
        {
            _progress = _tx.Finished;
            _progressAt = _clock.GetTimestamp();
        }
        else if (_clock.GetElapsedTime(_progressAt) >= TulipTimeouts.Transmit)
        {
            _counters.SendTimeouts++;
            Recover("the chip sends nothing any more", ref deferred);
        }
    }

    /// <summary>At the first, the second, the fourth, ... so that a dead line does not fill the log.</summary>
    private void ReportLostInterrupts()
    {
        var lost = _counters.LostInterrupts;
        if (lost < Math.Max(1, _reportedLost * 2))
            return;
        _reportedLost = lost;
        _log.Warning($"{Name}: {lost} interrupts were lost; their frames were found by polling");
    }

    /// <summary>Only the watch, so by one thread at a time; outside of the lock, for a PHY takes hundreds of register accesses to ask.</summary>
    private void PollLink()
    {
        var restarts = Volatile.Read(ref _restarts);
        var state = _medium.Poll();
        Deferred deferred = default;
        lock (_gate)
        {
            // A reset meanwhile may have spoilt what was read; the next tick looks again.
            if (_phase == Phase.Gone || restarts != _restarts)
                return;
            _linkIsInDoubt = false;
            _lastLinkPoll = _clock.GetTimestamp();
            var isGone = _registers.Status == ChipStatus.AllOnes;
            if (isGone)
            {
                Vanish(ref deferred);
            }
            else
            {
                _counters.ReceiveMissed += _registers.Read(Csr.MissedFrames) & 0xFFFF;
                TakeState(state, ref deferred);
            }
        }

        deferred.Run(this);
    }

    private void TakeState(in MediumState state, ref Deferred deferred)
    {
        if (state.Link != _link)
        {
            _link = state.Link;
            _counters.LinkChanges++;
            deferred.LinkIsChanged = true;
        }

        _mediumBitsWanted = state.ModeBits;
        if (_mediumBitsWanted == _mediumBits)
            return;

        // Port, duplex and speed may change only while the chip is stopped.
        _wantsRestart = true;
        if (_phase == Phase.Running)
            Stop();
    }
}
