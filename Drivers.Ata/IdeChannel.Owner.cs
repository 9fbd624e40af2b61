using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Ata;

/// <summary>What an owner of the channel does: commands one by one, reset, recovery, closing.</summary>
internal sealed partial class IdeChannel
{
    /// <summary>Waits until the channel is idle and the caller's alone. Waiting owners and requests take turns.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource(_continuations);
        Deferred deferred = default;
        lock (_gate)
        {
            _waiters.Enqueue(waiter);
            Pump(ref deferred);
        }

        deferred.Run(this);
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter))
            await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the ownership; requests go on.</summary>
    public void Leave()
    {
        Deferred deferred = default;
        lock (_gate)
        {
            _isOwned = false;
            Pump(ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>Executes the owner's command.</summary>
    public Task<CommandOutcome> ExecuteAsync(AtaCommand command)
    {
        var source = new TaskCompletionSource<CommandOutcome>(_continuations);
        Deferred deferred = default;
        lock (_gate)
        {
            if (_closedBecause is { } reason)
                return Task.FromResult(new CommandOutcome(OutcomeKind.Gone, 0, 0, 0, null, 0, reason));
            _ownersCommand = source;
            _engine.Start(command);
            Pump(ref deferred);
        }

        deferred.Run(this);
        return source.Task;
    }

    /// <summary>
    /// Soft reset, then each drive is waited for, identified and set up again. A drive that does not come back, or comes back as another
    /// one, is gone. Owns the channel.
    /// </summary>
    public async Task ResetAndRestoreAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            await PulseResetAsync().ConfigureAwait(false);
            var again = false;
            foreach (var drive in Drives)
            {
                if (drive.GoneBecause is not null)
                    continue;
                var problem = await RestoreAsync(drive).ConfigureAwait(false);
                if (problem is null)
                    continue;
                if (attempt >= AtaTimeouts.ResetAttempts || _closedBecause is not null)
                    Lose(drive, problem);
                else
                    again = true;
            }

            UpdateCapable();
            if (!again)
                return;
        }
    }

    /// <summary>Nothing works on this drive any more: its requests fail, now and later.</summary>
    public void Lose(IdeDrive drive, string reason)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            if (drive.GoneBecause is null)
            {
                drive.GoneBecause = reason;
                if (_closedBecause is null)
                    Log.Error($"{drive.Name}: gone: {reason}");
            }

            drive.Queue.TakeAll(drive.HeldBack);
            while (drive.Queue.Dequeue() is { } request)
                deferred.Ended(request, BlockResult.Failure(drive.GoneError(request.Kind, request.NextBlock)));
        }

        deferred.Run(this);
    }

    /// <summary>
    /// Fails everything and waits until nobody uses the channel. After that no drive interrupts and no DMA runs. The caller owns the channel for good.
    /// </summary>
    public async Task CloseAsync(string reason, bool isOwner)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            _closedBecause = reason;
            _engine.Expire(OutcomeKind.Gone, reason);
            Pump(ref deferred);
        }

        deferred.Run(this);
        foreach (var drive in Drives)
            Lose(drive, reason);
        if (!isOwner)
            await EnterAsync(CancellationToken.None).ConfigureAwait(false);
        StopDrives();
    }

    /// <summary>The drives stop interrupting, the controller stops. Owns the channel.</summary>
    public void StopDrives()
    {
        lock (_gate)
        {
            BusMaster?.SetCapable(false, false);
            _registers.WriteControl(ControlBlock.InterruptsOff);
        }
    }

    /// <summary>Undoes <see cref="StopDrives"/> without a reset.</summary>
    public void StartDrives()
    {
        lock (_gate)
            _registers.WriteControl(0);
        UpdateCapable();
    }

    /// <summary>Tells the controller which drives are set up for DMA. Owns the channel.</summary>
    public void UpdateCapable()
    {
        lock (_gate)
        {
            BusMaster?.SetCapable(
                _drives[0] is { TransferMode: TransferMode.Dma }, _drives[1] is { TransferMode: TransferMode.Dma });
        }
    }

    /// <summary>
    /// A request's command failed. The channel is owned since that moment. Where the command carried out others too
    /// (<paramref name="isSeparated"/>), the failure may be theirs: then the request is just tried again, alone.
    /// </summary>
    private async Task RecoverAsync(DriveRequest request, CommandOutcome outcome, bool isSeparated)
    {
        var drive = request.Drive;
        var verdict = Verdict.Retry;
        try
        {
            request.Failures++;
            if (_closedBecause is null && (outcome.NeedsReset || outcome.Kind == OutcomeKind.Gone))
                await ResetAndRestoreAsync().ConfigureAwait(false);
            if (drive.GoneBecause is null && _closedBecause is null && !isSeparated)
                verdict = await drive.JudgeAsync(request, _command, outcome).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.Error($"{drive.Name}: recovery failed: {exception}");
            verdict = Verdict.Fail(new BlockError(BlockErrorKind.DeviceError, drive.Name, _command.Name, request.NextBlock, exception.Message));
        }

        Finish(request, verdict);
    }

    private void Finish(DriveRequest request, Verdict verdict)
    {
        var drive = request.Drive;
        Deferred deferred = default;
        lock (_gate)
        {
            _isOwned = false;
            if (request.CancelRequested)
            {
                deferred.Cancelled(request);
            }
            else if (drive.GoneBecause is not null || _closedBecause is not null)
            {
                drive.GoneBecause ??= _closedBecause;
                deferred.Ended(request, BlockResult.Failure(drive.GoneError(request.Kind, request.NextBlock)));
            }
            else if (verdict.Error is { } error)
            {
                deferred.Ended(request, BlockResult.Failure(error));
            }
            else
            {
                Counters.Retries++;
                if (verdict.NeedsTime)
                {
                    request.Failures--;
                    drive.IsPaused = true;
                }

                drive.Queue.PutBack(request);
            }

            Pump(ref deferred);
        }

        deferred.Run(this);
        if (verdict.NeedsTime)
            _ = UnpauseAsync(drive);
    }

    private async Task UnpauseAsync(IdeDrive drive)
    {
        await Task.Delay(AtaTimeouts.BecomingReadyInterval, Clock).ConfigureAwait(false);
        Deferred deferred = default;
        lock (_gate)
        {
            drive.IsPaused = false;
            Pump(ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>SRST (ATA/ATAPI-6 9.2): both drives. Every command is aborted, and the bus master stands.</summary>
    private async Task PulseResetAsync()
    {
        Counters.Resets++;
        lock (_gate)
        {
            BusMaster?.Stop();
            _registers.WriteControl(ControlBlock.SoftReset | ControlBlock.InterruptsOff);
        }

        await Task.Delay(AtaTimeouts.ResetPulse, Clock).ConfigureAwait(false);
        lock (_gate)
        {
            _registers.WriteControl(0);
            _engine.Forget();
        }

        await Task.Delay(AtaTimeouts.ResetSettle, Clock).ConfigureAwait(false);
    }

    /// <summary>Null when the drive is back and set up.</summary>
    private async Task<string?> RestoreAsync(IdeDrive drive)
    {
        var status = await WaitNotBusyAsync(drive.Index).ConfigureAwait(false);
        if (status is null)
            return $"busy for {AtaTimeouts.Reset.TotalSeconds} s after a reset";
        if (IdeRegisters.IsAbsent(status.Value))
            return "the drive does not answer";
        var (identify, problem) = await IdentifyAsync(drive.Index, drive.Identify.IsPacket).ConfigureAwait(false);
        if (identify is null)
            return $"not identified after a reset: {problem}";
        if (!identify.IsSameDrive(drive.Identify))
            return $"another drive answers: {identify.Model} {identify.Serial}";
        return await drive.ConfigureAsync(identify).ConfigureAwait(false);
    }
}
