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
        var result = InterruptResult.NotMine;
        for (var round = 0; round < TulipTimeouts.InterruptRounds; round++)
        {
            Deferred deferred = default;
            bool again;
            lock (_gate)
                again = ServeInterrupt(round == 0, ref deferred);
            deferred.Run(this);
            if (!again)
                return result;
            result = InterruptResult.Handled;
        }

        lock (_gate)
        {
            // Nothing more for now, but what was taken is given back, with the read of a register before it.
            if (_phase == Phase.Running)
            {
                _ = _registers.Status;
                RefillLocked();
            }
        }

        return result;
    }

    /// <summary>One round. Under the lock. False when the chip asks for nothing.</summary>
    private bool ServeInterrupt(bool isFirst, ref Deferred deferred)
    {
        if (_phase is not (Phase.Running or Phase.Stopping))
            return false;
        var status = _registers.Status;
        if (status == ChipStatus.AllOnes)
        {
            Vanish(ref deferred);
            return false;
        }

        // The register was read: finished descriptors of the round before may be given back.
        RefillLocked();
        var causes = status & Causes;
        if (causes == 0)
        {
            if (isFirst)
                _counters.Spurious++;
            return false;
        }

        if (isFirst)
            _counters.Interrupts++;
        _sawInterrupt = true;

        // What happens from here on asserts the line again.
        _registers.Write(Csr.Status, (uint)(status & ChipStatus.Clearable));
        if ((causes & ChipStatus.FatalBusError) != 0)
        {
            _counters.BusErrors++;
            HarvestLocked(ref deferred);
            ReapLocked(ref deferred);
            Recover("fatal bus error", ref deferred);
            return true;
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
        return true;
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
