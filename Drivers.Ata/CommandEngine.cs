namespace GuestOS.Drivers.Ata;

/// <summary>
/// Executes one command at a time on one channel: the host's side of the protocols of ATA/ATAPI-6 chapter 9. It is moved on by the
/// start, by interrupts and by polls, all under the channel's lock, and never waits longer than a few register reads.
/// On the fast path a DMA read costs seven register writes to start, two reads and two writes to end.
/// </summary>
internal sealed class CommandEngine
{
    private enum Phase
    {
        Idle,

        /// <summary>The other drive was just selected; this one is still busy.</summary>
        Selecting,

        /// <summary>PIO out: the first DRQ comes without an interrupt.</summary>
        FirstDrq,

        /// <summary>PACKET: the drive shall ask for the packet.</summary>
        PacketDrq,

        /// <summary>The next event is an interrupt.</summary>
        Running,

        Finished,
    }

    private readonly IdeRegisters _registers;
    private readonly BusMaster? _busMaster;
    private readonly ChannelCounters _counters;
    private readonly byte[] _oddWord = new byte[2];
    private AtaCommand _command = new();
    private CommandOutcome _outcome;
    private Phase _phase;
    private int _moved;
    private bool _acknowledgeDue;

    public CommandEngine(IdeRegisters registers, BusMaster? busMaster, ChannelCounters counters)
    {
        _registers = registers;
        _busMaster = busMaster;
        _counters = counters;
    }

    public bool IsIdle => _phase == Phase.Idle;

    public bool IsFinished => _phase == Phase.Finished;

    /// <summary>The drive is expected to act without an interrupt: poll soon.</summary>
    public bool WantsFastPoll => _phase is Phase.Selecting or Phase.FirstDrq or Phase.PacketDrq;

    /// <summary>Changes with every command.</summary>
    public long Sequence { get; private set; }

    /// <summary>Changes with every step of a command that the host has a part in.</summary>
    public long Activity { get; private set; }

    /// <summary>Time limit of the command in flight.</summary>
    public TimeSpan Timeout => _command.Timeout;

    /// <summary>Starts a command on the idle channel. For DMA the table is prepared already.</summary>
    public void Start(AtaCommand command)
    {
        _command = command;
        _moved = 0;
        Sequence++;
        Activity++;
        _counters.Commands++;
        if (_registers.Selected == command.Drive)
        {
            if (command.DeviceBits != 0)
                _registers.WriteDevice(command.Drive, command.DeviceBits, !command.IsExtended);
            Issue();
            return;
        }

        _registers.WriteDevice(command.Drive, command.DeviceBits, command.DeviceBits != 0 && !command.IsExtended);
        _registers.Pause();
        _phase = Phase.Selecting;
        Advance(shortly: true);
    }

    /// <summary>Takes the end of the command; the engine is idle afterwards.</summary>
    public CommandOutcome TakeOutcome()
    {
        _phase = Phase.Idle;
        return _outcome;
    }

    /// <summary>The channel's interrupt. False when no drive of this channel asked for it.</summary>
    public bool Interrupt()
    {
        if (_phase != Phase.Running)
            return UnexpectedInterrupt();

        // In DMA the bus master says whether it was this channel; its bit also means that the data has reached memory.
        if (_command.IsDma)
        {
            var busMaster = _busMaster!.Status;
            if ((busMaster & BusMasterStatus.Interrupt) == 0)
                return false;
            var status = _registers.Status;
            if ((status & AtaStatus.Busy) != 0 && !IdeRegisters.IsAbsent(status))
            {
                _busMaster.Acknowledge();
                _counters.Spurious++;
                return true;
            }

            FinishDma(status, busMaster);
        }
        else
        {
            var status = _registers.Status;
            if ((status & AtaStatus.Busy) != 0 && !IdeRegisters.IsAbsent(status))
                return false;
            _acknowledgeDue = true;
            Progress(status);
        }

        _counters.Interrupts++;
        return true;
    }

    /// <summary>Looks whether something happened without an interrupt: in the phases that have none, or because one was lost.</summary>
    public void Poll()
    {
        if (_phase is Phase.Selecting or Phase.FirstDrq or Phase.PacketDrq)
        {
            Advance(shortly: false);
            return;
        }

        if (_phase != Phase.Running)
            return;
        var status = _registers.AlternateStatus;
        if (IdeRegisters.IsAbsent(status))
        {
            Finish(OutcomeKind.Gone, status, "the drive does not answer");
            return;
        }

        var busy = (status & AtaStatus.Busy) != 0;
        if (_command.IsDma)
        {
            // Not busy, but still moving data; or a bus master that waits for the drive: only time can tell.
            var busMaster = _busMaster!.Status;
            if (busy)
            {
                if ((busMaster & BusMasterStatus.Error) != 0)
                    Finish(OutcomeKind.DmaError, status, "bus master error", busMaster);
                return;
            }

            var ended = (busMaster & (BusMasterStatus.Interrupt | BusMasterStatus.Error)) != 0
                || ((status & AtaStatus.DataRequest) == 0
                    && ((busMaster & BusMasterStatus.Active) == 0 || (status & (AtaStatus.Error | AtaStatus.DeviceFault)) != 0));
            if (!ended)
                return;
            _counters.LostInterrupts++;
            FinishDma(_registers.Status, busMaster);
            return;
        }

        if (busy)
            return;
        _counters.LostInterrupts++;
        _acknowledgeDue = true;
        Progress(_registers.Status);
    }

    /// <summary>Gives the command up: stops the bus master, so that memory is safe at once. The drive needs a reset.</summary>
    public void Expire(OutcomeKind kind, string reason)
    {
        if (_phase is Phase.Idle or Phase.Finished)
            return;
        var status = _registers.AlternateStatus;
        if (kind == OutcomeKind.Timeout && IdeRegisters.IsAbsent(status))
            Finish(OutcomeKind.Gone, status, "the drive does not answer");
        else
            Finish(kind, status, reason);
    }

    /// <summary>The state after a reset of the drives.</summary>
    public void Forget()
    {
        _registers.Forget();
        _acknowledgeDue = true;
    }

    private bool UnexpectedInterrupt()
    {
        if (_phase == Phase.PacketDrq && _command.PacketInterrupts)
        {
            Advance(shortly: false);

            // A drive that does not ask for the packet has not asked for the interrupt either: a line that stays up is not to be claimed for ever.
            if (_phase == Phase.PacketDrq)
                return false;
            _counters.Interrupts++;
            return true;
        }

        // Nobody waits for it. Reading the status ends the drive's request, if there was one.
        if (_busMaster is not null && (_busMaster.Status & BusMasterStatus.Interrupt) == 0)
            return false;
        _ = _registers.Status;
        _busMaster?.Acknowledge();
        _counters.Spurious++;
        return _busMaster is not null;
    }

    /// <summary>The phases that wait for the status without an interrupt.</summary>
    private void Advance(bool shortly)
    {
        var limit = shortly ? AtaTimeouts.ShortPolls : 1;
        for (var i = 0; i < limit; i++)
        {
            var status = _registers.AlternateStatus;
            if (IdeRegisters.IsAbsent(status))
            {
                Finish(OutcomeKind.Gone, status, "the drive does not answer");
                return;
            }

            if ((status & AtaStatus.Busy) != 0)
                continue;
            if (_phase == Phase.Selecting)
            {
                if ((status & AtaStatus.DataRequest) != 0)
                    Finish(OutcomeKind.Protocol, status, "DRQ before the command");
                else
                    Issue();
                return;
            }

            if ((status & (AtaStatus.Error | AtaStatus.DeviceFault)) != 0)
            {
                FinishByStatus(_registers.Status);
                return;
            }

            if ((status & AtaStatus.DataRequest) == 0)
                continue;
            if (_phase == Phase.PacketDrq)
                SendPacket();
            else
                WriteBlock(Phase.Running);
            return;
        }
    }

    private void Issue()
    {
        var command = _command;
        if (command.IsDma)
        {
            if (_acknowledgeDue)
            {
                _busMaster!.Acknowledge();
                _acknowledgeDue = false;
            }

            _busMaster!.Arm();
        }

        if (command.Features is { } features)
        {
            if (command.IsExtended)
                _registers.WriteExtendedFeatures(features);
            else
                _registers.WriteFeatures((byte)features);
        }

        if (command.IsPacket)
            _registers.WriteByteCountLimit(command.DrqBytes);
        else if (command.IsExtended)
            _registers.WriteExtendedParameters(command.Lba, command.Count);
        else
            _registers.WriteParameters(command.Lba, command.Count);
        _registers.WriteCommand(command.Opcode);
        switch (command.Protocol)
        {
            case CommandProtocol.DmaIn or CommandProtocol.DmaOut:
                _phase = Phase.Running;
                _busMaster!.Start();
                break;
            case CommandProtocol.NonData or CommandProtocol.PioIn:
                _registers.Pause();
                _phase = Phase.Running;
                break;
            case CommandProtocol.PioOut:
                _registers.Pause();
                _phase = Phase.FirstDrq;
                Advance(shortly: true);
                break;
            default:
                _registers.Pause();
                _phase = Phase.PacketDrq;
                if (!command.PacketInterrupts)
                    Advance(shortly: true);
                break;
        }
    }

    private void SendPacket()
    {
        Activity++;
        if (_command.PacketInterrupts)
        {
            // Ends the interrupt that asked for the packet, so that the next one is the command's.
            _ = _registers.Status;
            _busMaster?.Acknowledge();
        }

        _registers.WriteData(_command.Packet);
        _phase = Phase.Running;
        if (_command.IsDma)
            _busMaster!.Start();
        else
            _registers.Pause();
    }

    /// <summary>PIO and commands without data: the drive is not busy and says what comes next.</summary>
    private void Progress(AtaStatus status)
    {
        if (IdeRegisters.IsAbsent(status))
        {
            Finish(OutcomeKind.Gone, status, "the drive does not answer");
            return;
        }

        if ((status & (AtaStatus.Error | AtaStatus.DeviceFault)) != 0)
        {
            FinishByStatus(status);
            return;
        }

        var wantsData = (status & AtaStatus.DataRequest) != 0;
        switch (_command.Protocol)
        {
            case CommandProtocol.PioIn when wantsData && _moved < _command.Length:
                ReadBlock();
                break;
            case CommandProtocol.PioOut when wantsData && _moved < _command.Length:
                WriteBlock(Phase.Running);
                break;
            case CommandProtocol.PacketPioIn when wantsData:
                ReadPacketData(status);
                break;
            case CommandProtocol.NonData or CommandProtocol.PioOut or CommandProtocol.PacketNonData when wantsData:
                Finish(OutcomeKind.Protocol, status, "DRQ after all data");
                break;
            case CommandProtocol.PioIn or CommandProtocol.PioOut when _moved < _command.Length:
                Finish(OutcomeKind.Short, status, $"only {_moved} of {_command.Length} bytes");
                break;
            default:
                Finish(OutcomeKind.Good, status, null);
                break;
        }
    }

    private void ReadBlock()
    {
        Activity++;
        var length = Math.Min(_command.DrqBytes, _command.Length - _moved);
        _registers.ReadData(_command.Data.Span.Slice(_moved, length));
        _moved += length;
        if (_moved < _command.Length)
            return;

        // No interrupt follows the last block: the drive just stops asking.
        _registers.Pause();
        var status = _registers.AlternateStatus;
        if ((status & (AtaStatus.Error | AtaStatus.DeviceFault)) != 0 && (status & AtaStatus.Busy) == 0)
            FinishByStatus(status);
        else if ((status & (AtaStatus.Busy | AtaStatus.DataRequest)) != 0)
            Finish(OutcomeKind.Protocol, status, "DRQ after all data");
        else
            Finish(OutcomeKind.Good, status, null);
    }

    private void WriteBlock(Phase next)
    {
        Activity++;
        var length = Math.Min(_command.DrqBytes, _command.Length - _moved);
        _phase = next;
        _registers.WriteData(_command.Data.Span.Slice(_moved, length));
        _moved += length;
        _registers.Pause();
    }

    /// <summary>The drive chose a byte count (SFF-8020i 5.1.2); what exceeds the buffer is read and dropped, an odd last byte comes in a whole word.</summary>
    private void ReadPacketData(AtaStatus status)
    {
        Activity++;
        var reason = _registers.InterruptReason;
        var count = _registers.ByteCount;
        if (reason != InterruptReason.ToHost || count == 0)
        {
            Finish(OutcomeKind.Protocol, status, $"interrupt reason {(int)reason}, byte count {count} in a data phase");
            return;
        }

        var wanted = Math.Min(count, _command.Length - _moved);
        var even = wanted & ~1;
        if (even > 0)
            _registers.ReadData(_command.Data.Span.Slice(_moved, even));
        _moved += even;
        var taken = even;
        if (even < wanted)
        {
            _registers.ReadData(_oddWord);
            _command.Data.Span[_moved++] = _oddWord[0];
            taken += 2;
        }

        if (count <= wanted)
        {
            _registers.Pause();
            return;
        }

        for (; taken < count; taken += 2)
            _ = _registers.ReadDataWord();
        Finish(OutcomeKind.Protocol, status, $"the drive sent more than the {_command.Length} bytes asked for");
    }

    private void FinishDma(AtaStatus status, BusMasterStatus busMaster)
    {
        if (IdeRegisters.IsAbsent(status))
            Finish(OutcomeKind.Gone, status, "the drive does not answer", busMaster);
        else if ((status & (AtaStatus.Error | AtaStatus.DeviceFault)) != 0)
            FinishByStatus(status, busMaster);
        else if ((busMaster & BusMasterStatus.Error) != 0)
            Finish(OutcomeKind.DmaError, status, "bus master error", busMaster);
        else if ((status & AtaStatus.DataRequest) != 0)
            Finish(OutcomeKind.Protocol, status, "DRQ after the DMA transfer", busMaster);
        else if ((busMaster & BusMasterStatus.Active) != 0)
            Finish(OutcomeKind.Short, status, "the drive ended before all data had moved", busMaster);
        else
            Finish(OutcomeKind.Good, status, null, busMaster);
    }

    /// <summary>The status has ERR or DF: finds out where and why.</summary>
    private void FinishByStatus(AtaStatus status, BusMasterStatus busMaster = BusMasterStatus.None)
    {
        var error = (status & AtaStatus.Error) != 0 ? _registers.Error : AtaError.None;
        ulong? lba = _command.IsPacket || _command.Length == 0 ? null
            : _command.IsExtended ? _registers.ReadExtendedLba()
            : _registers.ReadLba();
        var crc = _command.IsDma && !_command.IsPacket && (error & AtaError.InterfaceCrc) != 0;
        var failedBus = (busMaster & BusMasterStatus.Error) != 0 && error == AtaError.None;
        Finish(crc || failedBus ? OutcomeKind.DmaError : OutcomeKind.DeviceError, status, null, busMaster, error, lba);
    }

    private void Finish(
        OutcomeKind kind, AtaStatus status, string? reason,
        BusMasterStatus busMaster = BusMasterStatus.None, AtaError error = AtaError.None, ulong? lba = null)
    {
        if (_command.IsDma)
        {
            _busMaster!.Stop();
            _busMaster.Acknowledge();
            if (kind == OutcomeKind.Good)
            {
                _moved = _command.Length;
                _busMaster.LearnWhetherTableIsKept();
            }
        }

        const BusMasterStatus Told = BusMasterStatus.Active | BusMasterStatus.Error | BusMasterStatus.Interrupt;
        _outcome = new CommandOutcome(kind, status, error, busMaster & Told, lba, _moved, reason);
        _phase = Phase.Finished;
    }
}
