using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>Starting, stopping and restarting the chip.</summary>
internal sealed partial class TulipAdapter
{
    private int _threshold = 2;
    private bool _storesAndForwards;
    private bool _wantsRestart;
    private bool _wantsReceivePoll;
    private bool _receiveIsStarted;
    private int _resetsInARow;
    private int _restarts;
    private long _recoveries;
    private long _stopBegan;

    /// <summary>Somebody waits until the chip is paused.</summary>
    private WaitList<NetworkResult>? _stopped;

    /// <summary>Everything of CSR6 but the two start bits.</summary>
    private uint ModeBits => OperationMode.MustBeOne | _mediumBits
        | ((uint)_threshold << OperationMode.ThresholdShift)
        | (_storesAndForwards ? OperationMode.StoreAndForward : 0)
        | (_filterInForce.Promiscuous ? OperationMode.Promiscuous : 0)
        | (_filterInForce.AllMulticast || _hashIsMissing ? OperationMode.AllMulticast : 0);

    /// <summary>Holds new frames back; ends when all that were taken have left and the chip is paused.</summary>
    internal async ValueTask<NetworkResult> HoldAsync(Hold hold, CancellationToken cancellationToken)
    {
        Task<NetworkResult>? wait = null;
        Deferred deferred = default;
        lock (_gate)
        {
            if (_phase == Phase.Gone)
                return NetworkResult.Failure(GoneError());
            _holds |= hold;
            if (_phase != Phase.Paused)
            {
                _stopped ??= new WaitList<NetworkResult>(_continueInline);
                wait = _stopped.Add();
                ReapLocked(ref deferred);
                PauseIfDrained();
                if (_phase is Phase.Running or Phase.Stopping)
                    KeepWatch(TulipTimeouts.StopInterval);
            }
        }

        deferred.Run(this);
        if (wait is null)
            return NetworkResult.Success;
        try
        {
            return await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await ReleaseAsync(hold, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a hold off; with the last one the chip runs again.</summary>
    internal ValueTask<NetworkResult> ReleaseAsync(Hold hold, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deferred deferred = default;
        var result = NetworkResult.Success;
        lock (_gate)
        {
            _holds &= ~hold;
            if (_phase == Phase.Gone)
            {
                result = NetworkResult.Failure(GoneError());
            }
            else if (_holds == Hold.None)
            {
                // A hold that was taken off before the chip had paused: whoever waits for that hears it now.
                deferred.Stopped = _stopped;
                deferred.StoppedResult = NetworkResult.Failure(new NetworkError(NetworkErrorKind.InvalidRequest, Name, "resumed before it had come to rest"));
                _stopped = null;
                if (_phase == Phase.Paused)
                {
                    _linkIsInDoubt = true;
                    Restart(ref deferred);
                }
                else
                {
                    Admit(ref deferred);
                }
            }
        }

        deferred.Run(this);
        return new ValueTask<NetworkResult>(result);
    }

    /// <summary>The chip ends the frames that it is at; the watch finds when it has. Under the lock.</summary>
    private void Stop()
    {
        _phase = Phase.Stopping;
        _stopBegan = _clock.GetTimestamp();
        _registers.Write(Csr.OperationMode, ModeBits);
        KeepWatch(TulipTimeouts.StopInterval);
    }

    private void LookWhetherStopped(ref Deferred deferred)
    {
        var status = _registers.Status;
        if (status == ChipStatus.AllOnes)
        {
            Vanish(ref deferred);
            return;
        }

        var isStopped = (status & (ChipStatus.ReceiveState | ChipStatus.TransmitState)) == 0;
        if (!isStopped && _clock.GetElapsedTime(_stopBegan) < TulipTimeouts.Stop)
            return;
        HarvestLocked(ref deferred);
        ReapLocked(ref deferred);
        if (_holds == Hold.None || _wantsRestart || _tx.Used != 0 || HasUnsent)
        {
            _counters.Resets++;
            Restart(ref deferred);
            return;
        }

        _phase = Phase.Paused;
        _registers.Write(Csr.InterruptEnable, 0);
        _registers.Reset(0);
        _receiveIsStarted = false;
        _filterInForce = _filterWanted;
        EndFilterWaits(NetworkResult.Success, int.MaxValue, ref deferred);
        deferred.Stopped = _stopped;
        _stopped = null;
    }

    /// <summary>A held adapter with nothing left to send is stopped. Under the lock.</summary>
    private void PauseIfDrained()
    {
        if (_phase == Phase.Running && _holds != Hold.None && _stopped is not null && _tx.Used == 0 && !HasUnsent)
            Stop();
    }

    /// <summary>
    /// Something went wrong that a reset may mend. The chip is stopped first, so that a frame that is on the wire right now ends there
    /// and is not sent twice. Under the lock.
    /// </summary>
    private void Recover(string reason, ref Deferred deferred)
    {
        if (_phase is not (Phase.Running or Phase.Stopping))
            return;
        if (_phase == Phase.Running && ++_resetsInARow > TulipTimeouts.ResetLimit)
        {
            deferred.Warning = $"{reason}; {TulipTimeouts.ResetLimit} resets did not mend it, the adapter is given up";
            GiveUp(reason, ref deferred);
            return;
        }

        // The first, the second, the fourth, ... is told.
        if (long.IsPow2(++_recoveries))
            deferred.Warning = $"{reason}; the adapter is reset";
        _wantsRestart = true;
        if (_phase == Phase.Running)
            Stop();
    }

    /// <summary>
    /// Resets the chip and makes it run. Frames that it had not finished come first, in their order; receiving begins when the
    /// setup frame is done. Under the lock.
    /// </summary>
    private void Restart(ref Deferred deferred)
    {
        _wantsRestart = false;
        if (_brokenOff.Count != 0)
            RaiseThreshold();
        _wantsReceivePoll = false;
        _receiveIsStarted = false;
        _setupIsPlaced = false;
        var unsent = _brokenOff;
        _brokenOff = default;
        _tx.Drain(ref unsent);
        unsent.TakeAll(ref _resend);
        _resend = unsent;
        _restarts++;
        _mediumBits = _mediumBitsWanted;
        _registers.Reset(_mediumBits & OperationMode.PortSelect);
        _configuration.AllowMemory();
        _medium.Restore();
        _tx.Initialize();
        _rx.Initialize();
        _registers.Write(Csr.ReceiveListBase, _rx.Address);
        _registers.Write(Csr.TransmitListBase, _tx.Address);
        _registers.Write(Csr.Status, (uint)ChipStatus.Clearable);
        _registers.Write(Csr.InterruptEnable, (uint)_interruptMask);
        _phase = Phase.Running;
        _placedFilterVersion = -1;
        TryPlaceSetup();
        _registers.Write(Csr.OperationMode, ModeBits | OperationMode.StartTransmit);
        _progress = _tx.Finished;
        _progressAt = _clock.GetTimestamp();
        Kick();
        Admit(ref deferred);
        ReapLocked(ref deferred);
    }

    /// <summary>The registers read as all ones: nobody answers any more. Under the lock.</summary>
    private void Vanish(ref Deferred deferred)
    {
        deferred.Warning = "the adapter does not answer any more";
        GiveUp("the adapter does not answer any more", ref deferred);
    }

    /// <summary>Continuations of programs run where the option says.</summary>
    private TaskCompletionSource<NetworkResult> NewWait() =>
        new(_continueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    private void RaiseThreshold()
    {
        if (_threshold < OperationMode.HighestThreshold)
            _threshold++;
        else
            _storesAndForwards = true;
    }

    /// <summary>CSR6 while the chip runs.</summary>
    private void WriteMode() => _registers.Write(
        Csr.OperationMode, ModeBits | OperationMode.StartTransmit | (_receiveIsStarted ? OperationMode.StartReceive : 0));
}
