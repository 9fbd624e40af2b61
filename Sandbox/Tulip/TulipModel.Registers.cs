namespace GuestOS.Sandbox.Tulip;

/// <summary>The registers (21140A hardware reference, chapter 3).</summary>
public sealed partial class TulipModel
{
    private const uint NormalInterrupts = 0x0000_4045;
    private const uint AbnormalInterrupts = 0x0000_3BBA;
    private const uint AbnormalSummary = 1 << 15;
    private const uint NormalSummary = 1 << 16;
    private const uint Clearable = 0x0001_FFFF;

    private const uint StartReceive = 1 << 1;
    private const uint StartTransmit = 1 << 13;
    private const uint MustBeOne = 1 << 25;

    /// <summary>CSR6: threshold, port select, heartbeat, store and forward, TTM, PCS, SCR, full duplex: not while the chip runs.</summary>
    private const uint OnlyWhileStopped = 0x01EC_C200;

    /// <summary>Reads of a register that are sure to take 50 PCI clocks.</summary>
    private const int ReadsOfReset = 13;

    private readonly uint[] _csr = new uint[16];
    private int _readsSinceReset;
    private bool _isInReset;

    private uint ReceiveState
    {
        set => _csr[5] = (_csr[5] & ~(7u << 17)) | (value << 17);
    }

    private uint TransmitState
    {
        get => (_csr[5] >> 20) & 7;
        set => _csr[5] = (_csr[5] & ~(7u << 20)) | (value << 20);
    }

    private bool ReceiveRuns => (_csr[6] & StartReceive) != 0;

    private void Reset()
    {
        Array.Clear(_csr);
        _csr[0] = 0xFE00_0000;
        _csr[5] = 0xFC00_0000;
        _csr[6] = 0x3200_0040;
        _csr[7] = 0xFFFE_0000;
        _csr[8] = 0xE000_0000;
        _csr[12] = 0xC4;
        Filter.Clear();
        StopTransmitter();
        _lateWrites.Clear();
        _sawEmptyDescriptor = false;
        UpdateInterrupt();
    }

    private uint ReadCsr(int csr)
    {
        if (_isInReset)
            _readsSinceReset++;
        switch (csr)
        {
            case 5:
                return _csr[5] | Faults.StatusNoise;
            case 6:
                return (_csr[6] & ~1u) | (Filter.IsHash && Options.Hashes ? 1u : 0);
            case 8:
                var missed = _csr[8];
                _csr[8] = 0;
                return missed;
            case 9:
                return (_csr[9] & ~0x0008_0008u) | (Srom.Output ? 8u : 0) | (Phy.Output ? 1u << 19 : 0);
            case 12:
                return Csr12Input;
            default:
                return _csr[csr];
        }
    }

    private void WriteCsr(int csr, uint value)
    {
        if (_isInReset && csr != 0)
            Violations.Enqueue($"CSR{csr} was written while the chip was in reset");
        switch (csr)
        {
            case 0:
                WriteBusMode(value);
                break;
            case 1:
                StartTransmitter();
                break;
            case 2:
                break;
            case 3 or 4:
                if ((_csr[6] & (csr == 3 ? StartReceive : StartTransmit)) != 0)
                    Violations.Enqueue($"CSR{csr} was written while its process runs");
                if ((value & 3) != 0)
                    Violations.Enqueue($"CSR{csr} = {value:x}: not aligned");
                _csr[csr] = value;
                if (csr == 3)
                    _receiveDescriptor = value;
                else
                    _transmitDescriptor = value;
                break;
            case 5:
                _csr[5] &= ~(value & Clearable);
                break;
            case 6:
                WriteOperationMode(value);
                break;
            case 9:
                _csr[9] = value;
                if ((value & 0x800) != 0)
                    Srom.Set((value & 1) != 0, (value & 2) != 0, (value & 4) != 0);
                else
                    Srom.Set(false, false, false);
                Phy.Set((value & (1 << 16)) != 0, (value & (1 << 17)) != 0, (value & (1 << 18)) != 0);
                break;
            case 12 when Options.Is21140:
                GeneralPurposeWrites.Add(value);
                break;
            case 13 or 14 or 15 when Options.Is21140:
                Violations.Enqueue($"the 21140 has no CSR{csr}");
                break;
            case 15:
                GeneralPurposeWrites.Add(value >> 16);
                _csr[15] = value;
                break;
            default:
                _csr[csr] = value;
                break;
        }
    }

    private void WriteBusMode(uint value)
    {
        if ((value & 1) != 0)
        {
            Resets++;
            Reset();
            _isInReset = true;
            _readsSinceReset = 0;
            return;
        }

        if (_isInReset && _readsSinceReset < ReadsOfReset)
            Violations.Enqueue("the reset was ended too early");
        _isInReset = false;
        _csr[0] = value;
    }

    private void WriteOperationMode(uint value)
    {
        var old = _csr[6];
        var isMoving = (old & (StartTransmit | StartReceive)) != 0;
        if (isMoving && ((old ^ value) & OnlyWhileStopped) != 0)
            Violations.Enqueue($"CSR6 went from {old:x} to {value:x} while the chip runs");
        if ((value & (StartReceive | StartTransmit)) != 0 && (value & MustBeOne) == 0)
            Violations.Enqueue("CSR6 bit 25 is not one");
        _csr[6] = value;
        if ((value & StartTransmit) != 0 && (old & StartTransmit) == 0)
            StartTransmitter();
        if ((value & StartTransmit) == 0 && (old & StartTransmit) != 0 && !_isTransmitting && !Faults.NeverStops)
            TransmitStopped();
        if (((value ^ old) & StartReceive) != 0)
        {
            if ((value & StartReceive) != 0)
                ReceiveState = 3;
            else if (!Faults.NeverStops)
                ReceiveStopped();
        }
    }

    private void TransmitStopped()
    {
        TransmitState = 0;
        _csr[5] |= 1 << 1;
    }

    private void ReceiveStopped()
    {
        ReceiveState = 0;
        _csr[5] |= 1 << 8;
    }

    /// <summary>The summaries, and the line (CSR5 bits 15 and 16).</summary>
    private void UpdateInterrupt()
    {
        var enabled = _csr[5] & _csr[7];
        _csr[5] &= ~(NormalSummary | AbnormalSummary);
        if ((enabled & NormalInterrupts) != 0)
            _csr[5] |= NormalSummary;
        if ((enabled & AbnormalInterrupts) != 0)
            _csr[5] |= AbnormalSummary;
        Interrupt.SetLevel(0, !Faults.Vanished && (_csr[5] & _csr[7] & (NormalSummary | AbnormalSummary)) != 0);
    }
}
