namespace GuestOS.Sandbox.Ide;

/// <summary>
/// What disks and packet drives have in common: registers, the phases of a command, PIO and DMA of a buffer, reset, and faults.
/// A step of the drive happens when the clock says so, some time after the host's last access.
/// </summary>
public abstract class IdeDriveModel : IDisposable
{
    private protected enum Step
    {
        None,
        Execute,

        /// <summary>The next PIO block is there, or wanted.</summary>
        Block,

        /// <summary>The DMA engine shall move data.</summary>
        Dma,
        EndReset,
    }

    private readonly ITimer _timer;
    private readonly byte[] _current = new byte[6];
    private readonly byte[] _previous = new byte[6];
    private byte[] _buffer = new byte[64 * 1024];
    private Step _step;
    private int _position;
    private int _blockEnd;
    private bool _isOutput;
    private bool _wantsDma;
    private bool _dmaToMemory;
    private bool _shortThis;

    private protected IdeDriveModel(IdeChannelModel channel, int index)
    {
        Channel = channel;
        Index = index;
        _timer = channel.Clock.CreateTimer(static state => ((IdeDriveModel)state!).RunStep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What it does wrong.</summary>
    public IdeFaults Faults { get; } = new();

    /// <summary>Codes of the commands that were started; cleared by tests.</summary>
    public List<byte> Commands { get; } = new(4096);

    /// <summary>Keeps <see cref="Commands"/>; off it allocates nothing.</summary>
    public bool RecordsCommands { get; set; } = true;

    private protected IdeChannelModel Channel { get; }

    private protected int Index { get; }

    /// <summary>Status register.</summary>
    private protected byte State { get; set; }

    private protected byte ErrorCode { get; set; }

    private protected byte Opcode { get; private set; }

    /// <summary>Selected DMA mode as SET FEATURES gave it.</summary>
    private protected int Mode { get; set; } = 0x45;

    internal bool IsInterrupting { get; set; }

    internal byte StatusRegister => State;

    internal byte DeviceRegister { get; private set; } = 0xA0;

    private protected byte Features => _current[1];

    private protected byte FeaturesPrevious => _previous[1];

    private protected byte Count
    {
        get => _current[2];
        set => _current[2] = value;
    }

    private protected byte CountPrevious => _previous[2];

    private protected bool IsLba => (DeviceRegister & 0x40) != 0;

    /// <summary>LBA mid and high together: byte count, signature.</summary>
    private protected int Cylinder
    {
        get => _current[4] | (_current[5] << 8);
        set
        {
            _current[4] = (byte)value;
            _current[5] = (byte)(value >> 8);
        }
    }

    private protected ulong Lba28
    {
        get => _current[3] | ((ulong)_current[4] << 8) | ((ulong)_current[5] << 16) | ((ulong)(DeviceRegister & 0x0F) << 24);
        set
        {
            SetLow(value);
            DeviceRegister = (byte)((DeviceRegister & 0xF0) | (int)((value >> 24) & 0x0F));
        }
    }

    private protected ulong Lba48
    {
        get => _current[3] | ((ulong)_current[4] << 8) | ((ulong)_current[5] << 16)
            | ((ulong)_previous[3] << 24) | ((ulong)_previous[4] << 32) | ((ulong)_previous[5] << 40);
        set
        {
            SetLow(value);
            _previous[3] = (byte)(value >> 24);
            _previous[4] = (byte)(value >> 32);
            _previous[5] = (byte)(value >> 40);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        GC.SuppressFinalize(this);
    }

    internal uint ReadRegister(int offset, bool previous) => offset == 1 ? ErrorCode : (previous ? _previous : _current)[offset];

    internal void WriteRegister(int offset, byte value)
    {
        if ((State & (Status.Bsy | Status.Drq)) != 0)
        {
            if (Faults.StuckBusyAfterReset == 0 && !IsStuck)
                Channel.Violate($"register {offset} of drive {Index} written while it is busy (status {State:x2})");
            if (offset == 6)
                return;
        }

        if (offset == 6)
        {
            DeviceRegister = (byte)(value | 0xA0);
            return;
        }

        _previous[offset] = _current[offset];
        _current[offset] = value;
    }

    internal void WriteCommand(byte opcode)
    {
        if ((State & (Status.Bsy | Status.Drq)) != 0)
        {
            Channel.Violate($"command {opcode:x2} for drive {Index} while it is busy (status {State:x2})");
            return;
        }

        IsInterrupting = false;
        Channel.UpdateLine();
        Opcode = opcode;
        if (RecordsCommands)
            Commands.Add(opcode);
        State = Status.Bsy;
        ErrorCode = 0;
        _wantsDma = false;
        Faults.Plan?.Invoke(Faults, opcode);
        _shortThis = false;
        if (Faults.StuckBusy > 0)
        {
            Faults.StuckBusy--;
            IsStuck = true;
            return;
        }

        if (Faults.NoDataRequest > 0)
        {
            Faults.NoDataRequest--;
            State = Status.Drdy;
            return;
        }

        Schedule(Step.Execute);
    }

    internal void BeginReset()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _step = Step.None;
        _wantsDma = false;
        IsInterrupting = false;
        IsStuck = false;
        State = Status.Bsy;
    }

    internal void EndReset()
    {
        if (Faults.StuckBusyAfterReset > 0)
        {
            Faults.StuckBusyAfterReset--;
            IsStuck = true;
            return;
        }

        Schedule(Step.EndReset);
    }

    internal uint ReadData()
    {
        if ((State & Status.Drq) == 0 || _isOutput)
        {
            Channel.Violate($"data port of drive {Index} read without DRQ");
            return 0xFFFF;
        }

        uint value = _buffer[_position];
        if (_position + 1 < _blockEnd)
            value |= (uint)_buffer[_position + 1] << 8;
        _position += 2;
        if (_position >= _blockEnd)
        {
            _position = _blockEnd;
            EndBlock();
        }

        return value;
    }

    internal void WriteData(ushort value)
    {
        if ((State & Status.Drq) == 0 || !_isOutput)
        {
            Channel.Violate($"data port of drive {Index} written without DRQ");
            return;
        }

        _buffer[_position++] = (byte)value;
        _buffer[_position++] = (byte)(value >> 8);
        if (_position >= _blockEnd)
            EndBlock();
    }

    /// <summary>Both sides are ready: moves the data.</summary>
    internal void TryMoveDma()
    {
        if (!_wantsDma || !Channel.BusMaster.IsActive)
            return;
        if (_step == Step.None)
            Schedule(Step.Dma);
    }

    private protected bool IsStuck { get; private set; }

    /// <summary>Bytes of the command in <see cref="Buffer"/>.</summary>
    private protected int Total { get; private set; }

    private protected int Position => _position;

    private protected Span<byte> Buffer(int length)
    {
        if (_buffer.Length < length)
            _buffer = new byte[length];
        return _buffer.AsSpan(0, length);
    }

    /// <summary>The command's first step.</summary>
    private protected abstract void Execute();

    /// <summary>What the registers hold after a reset.</summary>
    private protected abstract void SetSignature();

    /// <summary>A data-out block has come in, or the last data-in block has gone.</summary>
    private protected abstract void DataMoved();

    /// <summary>Size of the next PIO block; sets other registers when the protocol says so.</summary>
    private protected abstract int NextBlock();

    /// <summary>The drive's first answer to a command without data.</summary>
    private protected void Complete()
    {
        State = (byte)(Status.Drdy | Status.Dsc);
        Interrupt();
    }

    private protected void Abort() => Fail(Err.Abrt);

    private protected void Fail(byte error)
    {
        ErrorCode = error;
        _wantsDma = false;
        State = (byte)(Status.Drdy | Status.Dsc | Status.Err);
        Interrupt();
    }

    /// <summary>Faults that end a command before it has done anything.</summary>
    private protected bool FailsAtOnce()
    {
        if (Faults.Aborts > 0)
        {
            Faults.Aborts--;
            Abort();
            return true;
        }

        if (Faults.UnknownCommands.Contains(Opcode))
        {
            Abort();
            return true;
        }

        if (Faults.DeviceFaults > 0)
        {
            Faults.DeviceFaults--;
            State = (byte)(Status.Drdy | Status.Df);
            Interrupt();
            return true;
        }

        return false;
    }

    /// <summary>The buffer goes to the host, block by block.</summary>
    private protected void BeginPioIn(int total)
    {
        BeginTransfer(total, output: false);
        OfferBlock(interrupts: true);
    }

    /// <summary>The host fills the buffer, block by block; the first DRQ comes without an interrupt.</summary>
    private protected void BeginPioOut(int total, bool interrupts = false)
    {
        BeginTransfer(total, output: true);
        OfferBlock(interrupts);
    }

    private protected void BeginDma(int total, bool toMemory)
    {
        BeginTransfer(total, output: !toMemory);
        if (Faults.CrcErrors > 0)
        {
            Faults.CrcErrors--;
            Fail(Err.Icrc | Err.Abrt);
            return;
        }

        if (Faults.DmaStalls > 0)
        {
            Faults.DmaStalls--;
            return;
        }

        _wantsDma = true;
        _dmaToMemory = toMemory;
        TryMoveDma();
    }

    private protected void Interrupt()
    {
        if (Faults.ForgottenInterrupts > 0)
        {
            Faults.ForgottenInterrupts--;
            return;
        }

        IsInterrupting = true;
        Channel.UpdateLine();
    }

    private protected void Schedule(Step step)
    {
        _step = step;
        var (shortest, longest) = Channel.StepTime;
        _timer.Change(shortest + ((longest - shortest) * Channel.Random.NextDouble()), Timeout.InfiniteTimeSpan);
    }

    private void SetLow(ulong value)
    {
        _current[3] = (byte)value;
        _current[4] = (byte)(value >> 8);
        _current[5] = (byte)(value >> 16);
    }

    private void BeginTransfer(int total, bool output)
    {
        Total = total;
        _position = 0;
        _isOutput = output;
        if (Faults.ShortTransfers <= 0 || !MayEndShort)
            return;
        Faults.ShortTransfers--;
        if (EndsWithInterrupt)
            Total = total / 4 * 2;
        else
            _shortThis = true;
    }

    private void OfferBlock(bool interrupts)
    {
        _blockEnd = _position + Math.Min(NextBlock(), Total - _position);
        State = (byte)(Status.Drdy | Status.Dsc | Status.Drq);
        if (interrupts)
            Interrupt();
    }

    private void EndBlock()
    {
        var last = _position >= Total;
        State = last && !_isOutput && !EndsWithInterrupt ? (byte)(Status.Drdy | Status.Dsc) : Status.Bsy;
        if (State != Status.Bsy)
            DataMoved();
        else
            Schedule(Step.Block);
    }

    /// <summary>The transfer is a medium's data, which a fault may cut short.</summary>
    private protected abstract bool MayEndShort { get; }

    /// <summary>Packet drives end every command with an interrupt; disks let the host just take the last block.</summary>
    private protected virtual bool EndsWithInterrupt => false;

    private void RunStep()
    {
        lock (Channel.Gate)
        {
            var step = _step;
            _step = Step.None;
            switch (step)
            {
                case Step.Execute:
                    Execute();
                    break;
                case Step.Block when _position >= Total:
                    DataMoved();
                    break;
                case Step.Block when _shortThis:
                    _shortThis = false;
                    Complete();
                    break;
                case Step.Block:
                    OfferBlock(interrupts: true);
                    break;
                case Step.Dma:
                    MoveDma();
                    break;
                case Step.EndReset:
                    SetSignature();
                    break;
            }
        }
    }

    private void MoveDma()
    {
        if (!_wantsDma || !Channel.BusMaster.IsActive)
            return;
        _wantsDma = false;
        if (Faults.BusMasterErrors > 0)
        {
            Faults.BusMasterErrors--;
            Channel.BusMaster.Fail();
            return;
        }

        var length = _shortThis ? Total / 4 * 2 : Total;
        if (Channel.BusMaster.Move(_buffer.AsSpan(0, length), _dmaToMemory) != BusMasterMove.Done)
        {
            // The drive waits for a bus master that has stopped.
            State = (byte)(Status.Drdy | Status.Drq);
            return;
        }

        _position = length;
        if (_shortThis)
            Complete();
        else
            DataMoved();
    }
}
