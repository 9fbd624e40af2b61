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
                var again = false;
                for (var index = 0; index < 2; index++)
                    again |= _drives[index] is null && !await DetectAsync(index, preferPio).ConfigureAwait(false);
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

    /// <summary>False when a drive is there and should be tried once more, after another reset.</summary>
    private async Task<bool> DetectAsync(int index, Func<string, bool> preferPio)
    {
        var name = $"{Name}.{index}";
        var status = await WaitNotBusyAsync(index).ConfigureAwait(false);
        if (status is null)
        {
            Log.Warning($"{name}: busy for {AtaTimeouts.Reset.TotalSeconds} s after a reset");
            return false;
        }

        if (IdeRegisters.IsAbsent(status.Value))
            return true;
        int signature;
        bool holds;
        lock (_gate)
        {
            signature = _registers.ByteCount;
            holds = _registers.HoldsPattern();
        }

        // A disk is ready after the reset; all zeros is a drive that is not there. A packet drive's DRDY is clear (ATA/ATAPI-6 9.12).
        bool packet;
        if (signature is Signature.Atapi or Signature.SataAtapi)
            packet = true;
        else if (signature is Signature.Ata or Signature.SataDisk && status.Value != AtaStatus.None)
            packet = false;
        else
            return true;
        if (!holds)
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
