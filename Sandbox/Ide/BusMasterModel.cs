using System.Buffers.Binary;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.Ide;

/// <summary>How far the bus master came.</summary>
internal enum BusMasterMove
{
    /// <summary>Everything asked for.</summary>
    Done,

    /// <summary>The table ended before.</summary>
    TableEnded,

    /// <summary>Bad table or memory: the error bit is set.</summary>
    Failed,
}

/// <summary>One channel's half of the bus-master block (SFF-8038i): 8 registers, and the walk along the table of regions.</summary>
internal sealed class BusMasterModel
{
    private const byte Start = 0x01;
    private const byte ToMemory = 0x08;
    private const byte Active = 0x01;
    private const byte Error = 0x02;
    private const byte Interrupt = 0x04;
    private const byte Capable = 0x60;

    private readonly IGuestMemory _memory;
    private readonly IdeChannelModel _channel;
    private byte _command;
    private byte _status;
    private uint _table;
    private ulong _entry;
    private ulong _region;
    private int _left;
    private bool _last;

    public BusMasterModel(IGuestMemory memory, IdeChannelModel channel)
    {
        _memory = memory;
        _channel = channel;
    }

    /// <summary>Started, and not at the table's end.</summary>
    public bool IsActive => (_status & Active) != 0;

    public bool IsToMemory => (_command & ToMemory) != 0;

    public uint Read(int offset, int size) => (offset, size) switch
    {
        (0, 1) => _command,
        (2, 1) => _status,
        (4, 4) => _table,
        (>= 4, 1) => (byte)(_table >> ((offset - 4) * 8)),
        (4 or 6, 2) => (ushort)(_table >> ((offset - 4) * 8)),
        _ => 0,
    };

    public void Write(int offset, int size, uint value)
    {
        switch (offset, size)
        {
            case (0, 1):
                WriteCommand((byte)(value & (Start | ToMemory)));
                break;
            case (2, 1):
                _status = (byte)((byte)(value & Capable) | (_status & Active) | (_status & (byte)~value & (Error | Interrupt)));
                break;
            case (4, 4):
                _table = value & ~3u;
                break;
            default:
                _channel.Violate($"bus master write of {size} bytes at {offset}");
                break;
        }
    }

    /// <summary>The drive's interrupt rose.</summary>
    public void NoteInterrupt() => _status |= Interrupt;

    public void Fail()
    {
        _status |= Error;
        _status &= unchecked((byte)~Active);
    }

    /// <summary>Moves bytes between the drive and the regions, from where the last move ended.</summary>
    public BusMasterMove Move(Span<byte> data, bool toMemory)
    {
        if (toMemory != IsToMemory)
            _channel.Violate("bus master direction is not the command's");
        while (data.Length > 0)
        {
            if (_left == 0 && !NextRegion())
                return (_status & Error) != 0 ? BusMasterMove.Failed : BusMasterMove.TableEnded;
            var piece = data[..Math.Min(data.Length, _left)];
            if (!(toMemory ? _memory.TryWrite(_region, piece) : _memory.TryRead(_region, piece)))
            {
                Fail();
                return BusMasterMove.Failed;
            }

            _region += (uint)piece.Length;
            _left -= piece.Length;
            data = data[piece.Length..];
            if (_left == 0 && _last)
                _status &= unchecked((byte)~Active);
        }

        return BusMasterMove.Done;
    }

    private bool NextRegion()
    {
        if (_last)
            return false;
        Span<byte> entry = stackalloc byte[8];
        if (!_memory.TryRead(_entry, entry))
        {
            Fail();
            return false;
        }

        _entry += 8;
        var address = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
        var length = count == 0 ? 0x10000 : count;
        if ((address & 1) != 0 || (length & 1) != 0)
            _channel.Violate($"odd region {address:x}+{length:x}");
        if ((address & 0xFFFF) + (uint)length > 0x10000)
            _channel.Violate($"region {address:x}+{length:x} crosses 64 KiB");
        if ((_entry - 8) / 0x10000 != _table / 0x10000)
            _channel.Violate("the table crosses 64 KiB");
        _region = address;
        _left = length;
        _last = (entry[7] & 0x80) != 0;
        return true;
    }

    private void WriteCommand(byte value)
    {
        var wasStarted = (_command & Start) != 0;
        var starts = (value & Start) != 0;
        if (wasStarted && starts && (value & ToMemory) != (_command & ToMemory))
            _channel.Violate("bus master direction changed while it runs");
        _command = value;
        if (wasStarted == starts)
            return;
        if (!starts)
        {
            _status &= unchecked((byte)~Active);
            return;
        }

        if ((_status & (Error | Interrupt)) != 0)
            _channel.Violate("bus master started with old interrupt or error bits");
        _entry = _table;
        _left = 0;
        _last = false;
        _status |= Active;
        _channel.BusMasterStarted();
    }
}
