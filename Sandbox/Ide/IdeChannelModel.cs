using System.Collections.Concurrent;
using GuestOS.Sandbox.Interrupts;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Registers;

namespace GuestOS.Sandbox.Ide;

/// <summary>
/// One IDE channel with up to two drives (ATA/ATAPI-6): the shared task file, device control, the interrupt line, and the bus master.
/// Notes what a host does against the standard in <see cref="Violations"/>.
/// </summary>
public sealed class IdeChannelModel : IDisposable
{
    private readonly IdeDriveModel?[] _drives = new IdeDriveModel?[2];
    private readonly SimulatedInterrupt _interrupt;
    private readonly int _source;
    private readonly BusMasterModel _busMaster;
    private byte _control;
    private int _selected;
    private bool _line;

    internal IdeChannelModel(TimeProvider clock, Random random, IGuestMemory memory, SimulatedInterrupt interrupt, int source)
    {
        Clock = clock;
        Random = random;
        _interrupt = interrupt;
        _source = source;
        _busMaster = new BusMasterModel(memory, this);
        CommandBlock = new CommandTarget(this);
        ControlBlock = new ControlTarget(this);
    }

    /// <summary>Rules that the host broke.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>What reading yields when no drive is attached: 0xFF floating, 0x7F with the pull-down of D7.</summary>
    public byte EmptyBus { get; set; } = 0x7F;

    /// <summary>Shortest and longest time that a drive takes for a step.</summary>
    public (TimeSpan Shortest, TimeSpan Longest) StepTime { get; set; } = (TimeSpan.FromMicroseconds(20), TimeSpan.FromMicroseconds(200));

    /// <summary>Eight ports from the command block's base.</summary>
    public IRegisterTarget CommandBlock { get; }

    /// <summary>The control block's port.</summary>
    public IRegisterTarget ControlBlock { get; }

    internal TimeProvider Clock { get; }

    internal Random Random { get; }

    internal Lock Gate { get; } = new();

    internal BusMasterModel BusMaster => _busMaster;

    /// <summary>The drive at 0 or 1, or null.</summary>
    public IdeDriveModel? this[int index] => _drives[index];

    /// <summary>Connects a drive.</summary>
    /// <param name="index">0 or 1.</param>
    /// <param name="make">Makes it for this channel.</param>
    public T Attach<T>(int index, Func<IdeChannelModel, int, T> make)
        where T : IdeDriveModel
    {
        ArgumentNullException.ThrowIfNull(make);
        var drive = make(this, index);
        _drives[index] = drive;
        return drive;
    }

    /// <summary>Disconnects it.</summary>
    public void Remove(int index)
    {
        lock (Gate)
        {
            _drives[index]?.Dispose();
            _drives[index] = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var drive in _drives)
            drive?.Dispose();
    }

    internal void Violate(string rule) => Violations.Enqueue(rule);

    /// <summary>The line follows the selected drive, unless nIEN.</summary>
    internal void UpdateLine()
    {
        var level = (_control & Control.Nien) == 0 && Selected is { IsInterrupting: true };
        if (level == _line)
            return;
        _line = level;
        if (level)
            _busMaster.NoteInterrupt();
        _interrupt.SetLevel(_source, level);
    }

    internal void BusMasterStarted() => Selected?.TryMoveDma();

    private IdeDriveModel? Selected => _drives[_selected] is { Faults.Vanished: false } drive ? drive : null;

    private bool IsEmpty => _drives[0] is not { Faults.Vanished: false } && _drives[1] is not { Faults.Vanished: false };

    private uint ReadCommandBlock(int offset, int size)
    {
        lock (Gate)
        {
            if (IsEmpty)
                return size == 1 ? EmptyBus : 0xFFFFu;
            if (Selected is not { } drive)
            {
                // The other drive answers for the missing one with a status of zero (ATA/ATAPI-6 9.16.1).
                return 0;
            }

            if (offset == 0)
                return size == 2 ? drive.ReadData() : drive.ReadData() & 0xFFu;
            if (offset == 7)
            {
                var status = drive.StatusRegister;
                drive.IsInterrupting = false;
                UpdateLine();
                return status;
            }

            return offset == 6 ? drive.DeviceRegister : drive.ReadRegister(offset, (_control & Control.Hob) != 0);
        }
    }

    private void WriteCommandBlock(int offset, int size, uint value)
    {
        lock (Gate)
        {
            if (offset == 0)
            {
                if (size == 2)
                    Selected?.WriteData((ushort)value);
                else
                    Violate("8-bit write of the data port");
                return;
            }

            _control &= unchecked((byte)~Control.Hob);
            foreach (var drive in _drives)
            {
                if (drive is { Faults.Vanished: false } && offset < 7)
                    drive.WriteRegister(offset, (byte)value);
            }

            if (offset == 6)
            {
                _selected = (value & 0x10) != 0 ? 1 : 0;
                UpdateLine();
            }

            if (offset == 7)
                Selected?.WriteCommand((byte)value);
        }
    }

    private uint ReadControlBlock()
    {
        lock (Gate)
            return IsEmpty ? EmptyBus : Selected?.StatusRegister ?? 0u;
    }

    private void WriteControlBlock(byte value)
    {
        lock (Gate)
        {
            var before = _control;
            _control = value;
            if (((before ^ value) & Control.Srst) != 0)
            {
                foreach (var drive in _drives)
                {
                    if ((value & Control.Srst) != 0)
                        drive?.BeginReset();
                    else
                        drive?.EndReset();
                }

                _selected = 0;
            }

            UpdateLine();
        }
    }

    private sealed class CommandTarget(IdeChannelModel channel) : IRegisterTarget
    {
        public uint Read(int offset, int size) => channel.ReadCommandBlock(offset, size);

        public void Write(int offset, int size, uint value) => channel.WriteCommandBlock(offset, size, value);
    }

    private sealed class ControlTarget(IdeChannelModel channel) : IRegisterTarget
    {
        public uint Read(int offset, int size) => channel.ReadControlBlock();

        public void Write(int offset, int size, uint value) => channel.WriteControlBlock((byte)value);
    }
}
