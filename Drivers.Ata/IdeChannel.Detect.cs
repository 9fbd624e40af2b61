using GuestOS.Machine;

namespace GuestOS.Drivers.Ata;

/// <summary>Finds the drives of the channel.</summary>
internal sealed partial class IdeChannel
{
    /// <summary>Resets the channel, and finds and sets up its drives. Nothing else uses it yet.</summary>
    /// <param name="preferPio">By drive name: use PIO.</param>
    public async Task DetectAsync(Func<string, bool> preferPio)
    {
        await EnterAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (!SomethingAnswers())
                return;
            lock (_gate)
                _registers.Calibrate(Clock);
            for (var attempt = 1; attempt <= AtaTimeouts.ResetAttempts; attempt++)
            {
                await PulseResetAsync().ConfigureAwait(false);

                // Both signatures first: the registers that hold them are written with every command, whichever drive it is for.
                var first = await ReadSignatureAsync(0).ConfigureAwait(false);
                var second = await ReadSignatureAsync(1).ConfigureAwait(false);
                var again = !await DetectAsync(0, first, preferPio).ConfigureAwait(false);
                again |= !await DetectAsync(1, second, preferPio).ConfigureAwait(false);
                if (!again)
                    break;
            }

            UpdateCapable();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whether the bus of an idle channel floats: no drive pulls it.</summary>
    public bool SomethingAnswers()
    {
        lock (_gate)
        {
            for (var index = 0; index < 2; index++)
            {
                _registers.WriteDevice(index, 0, addressed: false);
                _registers.Pause();
                if (!IdeRegisters.IsAbsent(_registers.AlternateStatus))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Status and signature after a reset. A status of null is a drive that stays busy.</summary>
    private async Task<(AtaStatus? Status, int Signature)> ReadSignatureAsync(int index)
    {
        var status = await WaitNotBusyAsync(index).ConfigureAwait(false);
        lock (_gate)
            return (status, status is { } known && !IdeRegisters.IsAbsent(known) ? _registers.ByteCount : Signature.Ata);
    }

    /// <summary>False when a drive is there and should be tried once more, after another reset.</summary>
    private async Task<bool> DetectAsync(int index, (AtaStatus? Status, int Signature) found, Func<string, bool> preferPio)
    {
        var name = $"{Name}.{index}";
        lock (_gate)
            _drives[index] = null;
        if (found.Status is not { } status)
        {
            Log.Warning($"{name}: busy for {AtaTimeouts.Reset.TotalSeconds} s after a reset");
            return false;
        }

        // A disk is ready after the reset; all zeros is a drive that is not there. A packet drive's DRDY is clear (ATA/ATAPI-6 9.12).
        bool packet;
        if (IdeRegisters.IsAbsent(status))
            return true;
        if (found.Signature is Signature.Atapi or Signature.SataAtapi)
            packet = true;
        else if (found.Signature is Signature.Ata or Signature.SataDisk && status != AtaStatus.None)
            packet = false;
        else
            return true;
        if (!HoldsPattern(index))
            return true;
        var (identify, problem) = await IdentifyAsync(index, packet).ConfigureAwait(false);
        if (identify is null)
        {
            Log.Warning($"{name}: {(packet ? "IDENTIFY PACKET DEVICE" : "IDENTIFY DEVICE")}: {problem}");
            return false;
        }

        if (identify.Oddity is { } oddity)
            Log.Warning($"{name}: odd IDENTIFY data: {oddity}");
        BusMaster?.Allocate();
        IdeDrive drive = packet
            ? new AtapiDrive(this, index, identify, preferPio(name))
            : new AtaDisk(this, index, identify, preferPio(name));
        problem = await drive.ConfigureAsync(identify).ConfigureAwait(false);
        if (problem is not null)
        {
            Log.Warning($"{name}: {problem}");
            return false;
        }

        lock (_gate)
            _drives[index] = drive;
        return true;
    }

    private bool HoldsPattern(int index)
    {
        lock (_gate)
        {
            _registers.WriteDevice(index, 0, addressed: false);
            _registers.Pause();
            return _registers.HoldsPattern();
        }
    }

    /// <summary>IDENTIFY (PACKET) DEVICE by PIO. The data, or what is wrong.</summary>
    private async Task<(IdentifyData? Identify, string? Problem)> IdentifyAsync(int index, bool packet)
    {
        var data = new byte[IdentifyData.Size];
        ControlCommand.SetControl(
            packet ? AtaOpcode.IdentifyPacketDevice : AtaOpcode.IdentifyDevice, CommandProtocol.PioIn, index, AtaTimeouts.Control);
        ControlCommand.SetPio(data, IdentifyData.Size);
        var outcome = await ExecuteAsync(ControlCommand).ConfigureAwait(false);
        if (!outcome.IsGood)
            return (null, outcome.Describe(packet: false));
        return IdentifyData.TryRead(data, packet, out var identify, out var problem) ? (identify, null) : (null, problem);
    }

    /// <summary>Selects the drive and waits for the end of BSY. Null when it stays busy.</summary>
    private async Task<AtaStatus?> WaitNotBusyAsync(int index)
    {
        var start = Clock.GetTimestamp();
        var delay = AtaTimeouts.FastInterval;
        while (_closedBecause is null)
        {
            AtaStatus status;
            lock (_gate)
            {
                // Nothing may be written to a busy drive.
                if (_registers.Selected != index)
                {
                    _registers.WriteDevice(index, 0, addressed: false);
                    _registers.Pause();
                }

                status = _registers.AlternateStatus;
            }

            if ((status & AtaStatus.Busy) == 0 || IdeRegisters.IsAbsent(status))
                return status;
            if (Clock.GetElapsedTime(start) >= AtaTimeouts.Reset)
                return null;
            await Task.Delay(delay, Clock).ConfigureAwait(false);
            delay = delay < AtaTimeouts.WatchInterval ? delay * 2 : delay;
        }

        return null;
    }
}
