using GuestOS.Machine;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// The task file of one channel (two drives share it). Knows which drive is selected and what the features register holds, so that
/// nothing is written twice. Called under the channel's lock.
/// </summary>
internal sealed class IdeRegisters
{
    private const int Unknown = -1;
    private readonly IRegisterWindow _command;
    private readonly IRegisterWindow _control;
    private int _features = Unknown;
    private int _device = Unknown;
    private int _pauseReads = 4;

    public IdeRegisters(IRegisterWindow command, IRegisterWindow control)
    {
        _command = command;
        _control = control;
    }

    /// <summary>The drive that the device register addresses; -1 when unknown.</summary>
    public int Selected { get; private set; } = Unknown;

    /// <summary>Reads the status and ends a pending interrupt.</summary>
    public AtaStatus Status => (AtaStatus)_command.Read8(CommandBlock.Status);

    /// <summary>Reads the status and nothing else.</summary>
    public AtaStatus AlternateStatus => (AtaStatus)_control.Read8(ControlBlock.AlternateStatus);

    public AtaError Error => (AtaError)_command.Read8(CommandBlock.Error);

    public InterruptReason InterruptReason => (InterruptReason)(_command.Read8(CommandBlock.SectorCount) & 3);

    /// <summary>Byte count of PACKET, and the signature after a reset.</summary>
    public int ByteCount => _command.Read8(CommandBlock.LbaMid) | (_command.Read8(CommandBlock.LbaHigh) << 8);

    /// <summary>Nothing answers: the bus floats high, or with the pull-down of D7 that the standard asks for.</summary>
    public static bool IsAbsent(AtaStatus status) => (byte)status is 0xFF or 0x7F;

    /// <summary>
    /// Waits 400 ns, the time after which the status is valid once the device or command register was written (ATA/ATAPI-6 9.2 note,
    /// tables 9 and 10), by status reads.
    /// </summary>
    public void Pause()
    {
        for (var i = 0; i < _pauseReads; i++)
            _ = _control.Read8(ControlBlock.AlternateStatus);
    }

    /// <summary>Finds how many register reads take 400 ns: one where each traps into a host, four on an idle bus.</summary>
    public void Calibrate(TimeProvider clock)
    {
        const int Reads = 16;
        var start = clock.GetTimestamp();
        for (var i = 0; i < Reads; i++)
            _ = _control.Read8(ControlBlock.AlternateStatus);
        var nanoseconds = clock.GetElapsedTime(start).TotalNanoseconds;
        _pauseReads = nanoseconds <= 0 ? 4 : (int)Math.Clamp(Math.Ceiling(400 * Reads / nanoseconds), 1, 4);
    }

    public void WriteControl(byte value) => _control.Write8(ControlBlock.DeviceControl, value);

    /// <summary>After a reset drive 0 is selected (ATA/ATAPI-6 9.12), and nothing else is known.</summary>
    public void Forget()
    {
        Selected = 0;
        _features = Unknown;
        _device = Unknown;
    }

    /// <summary>
    /// Writes the device register, unless it holds the value already. The status is valid after <see cref="Pause"/> if the drive changed.
    /// A drive may count LBA 27:24 up while it executes a 28-bit command, so the register is unknown after one
    /// (<paramref name="addressed"/>).
    /// </summary>
    public void WriteDevice(int drive, byte bits, bool addressed)
    {
        var value = DeviceRegister.Obsolete | (drive != 0 ? DeviceRegister.Drive1 : 0) | bits;
        if (_device == value)
            return;
        _command.Write8(CommandBlock.Device, (byte)value);
        _device = addressed ? Unknown : value;
        Selected = drive;
    }

    /// <summary>Parameters of a 28-bit command; the device register holds LBA 27:24 already.</summary>
    public void WriteParameters(ulong lba, int count)
    {
        _command.Write8(CommandBlock.SectorCount, (byte)count);
        _command.Write8(CommandBlock.LbaLow, (byte)lba);
        _command.Write8(CommandBlock.LbaMid, (byte)(lba >> 8));
        _command.Write8(CommandBlock.LbaHigh, (byte)(lba >> 16));
    }

    /// <summary>Parameters of a 48-bit command: each register is two deep, the high half goes first (ATA/ATAPI-6 6.20).</summary>
    public void WriteExtendedParameters(ulong lba, int count)
    {
        _command.Write8(CommandBlock.SectorCount, (byte)(count >> 8));
        _command.Write8(CommandBlock.SectorCount, (byte)count);
        _command.Write8(CommandBlock.LbaLow, (byte)(lba >> 24));
        _command.Write8(CommandBlock.LbaLow, (byte)lba);
        _command.Write8(CommandBlock.LbaMid, (byte)(lba >> 32));
        _command.Write8(CommandBlock.LbaMid, (byte)(lba >> 8));
        _command.Write8(CommandBlock.LbaHigh, (byte)(lba >> 40));
        _command.Write8(CommandBlock.LbaHigh, (byte)(lba >> 16));
    }

    public void WriteFeatures(byte value)
    {
        if (_features == value)
            return;
        _command.Write8(CommandBlock.Features, value);
        _features = value;
    }

    public void WriteExtendedFeatures(ushort value)
    {
        _command.Write8(CommandBlock.Features, (byte)(value >> 8));
        _command.Write8(CommandBlock.Features, (byte)value);
        _features = Unknown;
    }

    /// <summary>The most that a packet drive may transfer for one interrupt.</summary>
    public void WriteByteCountLimit(int limit)
    {
        _command.Write8(CommandBlock.LbaMid, (byte)limit);
        _command.Write8(CommandBlock.LbaHigh, (byte)(limit >> 8));
    }

    public void WriteCommand(AtaOpcode opcode) => _command.Write8(CommandBlock.Command, (byte)opcode);

    public void ReadData(Span<byte> destination) => _command.ReadRepeated16(CommandBlock.Data, destination);

    public ushort ReadDataWord() => _command.Read16(CommandBlock.Data);

    public void WriteData(ReadOnlySpan<byte> source) => _command.WriteRepeated16(CommandBlock.Data, source);

    /// <summary>Where a 28-bit command failed.</summary>
    public ulong ReadLba() =>
        _command.Read8(CommandBlock.LbaLow)
        | ((ulong)_command.Read8(CommandBlock.LbaMid) << 8)
        | ((ulong)_command.Read8(CommandBlock.LbaHigh) << 16)
        | ((ulong)(_command.Read8(CommandBlock.Device) & 0x0F) << 24);

    /// <summary>Where a 48-bit command failed; leaves interrupts on.</summary>
    public ulong ReadExtendedLba()
    {
        var low = _command.Read8(CommandBlock.LbaLow)
            | ((ulong)_command.Read8(CommandBlock.LbaMid) << 8)
            | ((ulong)_command.Read8(CommandBlock.LbaHigh) << 16);
        WriteControl(ControlBlock.HighOrderByte);
        var high = _command.Read8(CommandBlock.LbaLow)
            | ((ulong)_command.Read8(CommandBlock.LbaMid) << 8)
            | ((ulong)_command.Read8(CommandBlock.LbaHigh) << 16);
        WriteControl(0);
        return low | (high << 24);
    }

    /// <summary>Whether the registers of the selected drive hold what is written to them. Without a drive they hold nothing.</summary>
    public bool HoldsPattern()
    {
        _command.Write8(CommandBlock.SectorCount, 0x55);
        _command.Write8(CommandBlock.LbaLow, 0xAA);
        return _command.Read8(CommandBlock.SectorCount) == 0x55 && _command.Read8(CommandBlock.LbaLow) == 0xAA;
    }
}
