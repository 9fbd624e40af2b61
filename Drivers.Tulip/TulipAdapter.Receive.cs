using GuestOS.Machine;

namespace GuestOS.Drivers.Tulip;

/// <summary>The interrupt, and receiving.</summary>
internal sealed partial class TulipAdapter
{
    private const ChipStatus Wanted = ChipStatus.TransmitDone | ChipStatus.TransmitJabber | ChipStatus.TransmitUnderflow
        | ChipStatus.ReceiveDone | ChipStatus.ReceiveNoBuffer | ChipStatus.ReceiveWatchdog | ChipStatus.FatalBusError
        | ChipStatus.NormalSummary | ChipStatus.AbnormalSummary;

    /// <summary>CSR7. The 21143's serial transceiver tells changes of its link; a PHY on the MII does not, and is polled.</summary>
    private readonly ChipStatus _interruptMask;

    /// <summary>Bits that ask for something; the summaries only repeat them.</summary>
    private ChipStatus Causes => _interruptMask & ~(ChipStatus.NormalSummary | ChipStatus.AbnormalSummary);

    /// <summary>The interrupt's handler.</summary>
    public InterruptResult OnInterrupt()
    {
        var status = ChipStatus.None;
        for (var round = 0; round < TulipTimeouts.InterruptRounds; round++)
        {
            Deferred deferred = default;
            bool again;
            lock (_gate)
                again = ServeRound(round == 0, ref status, ref deferred);

            // Programs may go on here, which takes its time: the ring was filled again before.
            deferred.Run(this);
            if (!again)
                return round == 0 && (status & Causes) == 0 ? InterruptResult.NotMine : InterruptResult.Handled;
        }

        return InterruptResult.Handled;
    }

    /// <summary>
    /// One round. Under the lock. It costs an acknowledgement and a read of the cause, which is the next round's; the first one a read more.
    /// </summary>
    /// <returns>False when the chip asks for nothing further.</returns>
    private bool ServeRound(bool isFirst, ref ChipStatus status, ref Deferred deferred)
    {
        if (_phase is not (Phase.Running or Phase.Stopping))
            return false;
        if (isFirst)
        {
            status = _registers.Status;
            if (status == ChipStatus.AllOnes)
            {
                Vanish(ref deferred);
                status = ChipStatus.None;
                return false;
            }

            if ((status & Causes) == 0)
            {
                _counters.Spurious++;
                return false;
            }

            _counters.Interrupts++;
        }

        Serve(status, ref deferred);
        if (_phase is not (Phase.Running or Phase.Stopping))
            return false;
        var next = _registers.Status;
        if (next == ChipStatus.AllOnes)
        {
            Vanish(ref deferred);
            return false;
        }

        // A register was read since the descriptors were taken: they may be given back.
        RefillLocked();
        if ((next & Causes) == 0)
            return false;
        status = next;
        return true;
    }

    /// <summary>Acknowledges and does what the chip asks for. Under the lock.</summary>
    private void Serve(ChipStatus status, ref Deferred deferred)
    {
        var causes = status & Causes;
        _sawInterrupt = true;

        // What happens from here on asserts the line again.
        _registers.Write(Csr.Status, (uint)(status & ChipStatus.Clearable));
        if ((causes & ChipStatus.FatalBusError) != 0)
        {
            _counters.BusErrors++;
            HarvestLocked(ref deferred);
            ReapLocked(ref deferred);
            Recover("fatal bus error", ref deferred);
            return;
        }

        if ((causes & ChipStatus.ReceiveNoBuffer) != 0)
        {
            _counters.ReceiveNoBuffer++;
            _wantsReceivePoll = true;
        }

        HarvestLocked(ref deferred);
        if ((causes & ChipStatus.TransmitJabber) != 0)
        {
            _counters.Jabbers++;
            Recover("jabber", ref deferred);
        }

        if ((causes & (ChipStatus.LinkPass | ChipStatus.LinkFail)) != 0)
        {
            _linkIsInDoubt = true;
            KeepWatch(TulipTimeouts.StopInterval);
        }

        ReapLocked(ref deferred);
    }

    /// <summary>Takes what was received. Under the lock; a register is read before <see cref="RefillLocked"/>.</summary>
    private int HarvestLocked(ref Deferred deferred)
    {
        var count = _rx.Harvest(ref deferred.Received, _counters);
        if (deferred.Received.Count != 0)
        {
            _resetsInARow = 0;
            deferred.HasReceived |= _receiveQueue.Append(ref deferred.Received);
        }

        if (count != 0)
            KeepWatch(TulipTimeouts.WatchInterval);
        return count;
    }

    private void RefillLocked()
    {
        if (_phase != Phase.Running || !_rx.NeedsRefill)
            return;
        _rx.Refill();
        if (!_wantsReceivePoll)
            return;

        // The chip has stopped looking (receive process suspended); it looks again when told.
        _wantsReceivePoll = false;
        _registers.Write(Csr.ReceivePollDemand, 1);
    }
}
