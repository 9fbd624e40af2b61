using System.Buffers;
using GuestOS.Machine;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// The DMA half of one channel: bus-master registers, the table of regions and the bounce buffer. Called under the channel's lock.
/// Register accesses are dear under emulation: the table's address is written once when the controller is seen to keep it.
/// </summary>
internal sealed class BusMaster : IDisposable
{
    /// <summary>Registers of one channel.</summary>
    public const int Length = 8;

    /// <summary>The bounce buffer: one region.</summary>
    public const int BounceSize = PrdTable.MaximumRegion;

    /// <summary>Longest transfer whose pages may all lie apart, the first and the last ones partly used.</summary>
    public const int LongestTransfer = (PrdTable.MaximumEntries - 1) * 4096;

    /// <summary>Callers' memories that one transfer may join.</summary>
    private const int MostPieces = 8;

    private const int CommandRegister = 0;
    private const int StatusRegister = 2;
    private const int TableRegister = 4;
    private const byte StartBit = 0x01;
    private const byte ToMemoryBit = 0x08;

    private readonly IRegisterWindow _window;
    private readonly int _offset;
    private readonly IDmaMemory _memory;
    private DmaBuffer? _table;
    private DmaBuffer? _bounce;
    private readonly DmaSegment[] _segments = new DmaSegment[PrdTable.MaximumEntries];
    private uint _tableAddress;
    private byte _direction;
    private byte _capable;
    private bool _tableWritten;
    private bool _tableKept;
    private bool _tableChecked;
    private readonly MemoryHandle[] _pins = new MemoryHandle[MostPieces];
    private int _pinCount;
    private int _segmentCount;
    private Memory<byte> _bounced;

    /// <param name="window">The window over BAR 4.</param>
    /// <param name="offset">0 for the primary channel, 8 for the secondary.</param>
    /// <param name="memory">Where table and bounce buffer come from.</param>
    public BusMaster(IRegisterWindow window, int offset, IDmaMemory memory)
    {
        _window = window;
        _offset = offset;
        _memory = memory;
    }

    /// <summary>Transfers that went through the bounce buffer.</summary>
    public long Bounces { get; private set; }

    /// <summary>The last prepared transfer goes through the bounce buffer.</summary>
    public bool IsBounced { get; private set; }

    /// <summary>A register read.</summary>
    public BusMasterStatus Status => (BusMasterStatus)_window.Read8(_offset + StatusRegister);

    /// <summary>Gets table and bounce buffer; called when the channel's first drive is found.</summary>
    /// <exception cref="OutOfMemoryException">No such memory is free.</exception>
    public void Allocate()
    {
        _table ??= _memory.Allocate(PrdTable.TableSize, new DmaConstraints(0xFFFF_FFFF, Alignment: 4, Boundary: PrdTable.MaximumRegion));
        _bounce ??= _memory.Allocate(BounceSize, new DmaConstraints(0xFFFF_FFFF, Alignment: 2, Boundary: PrdTable.MaximumRegion));
        _tableAddress = (uint)_table.PhysicalAddress.Value;
    }

    /// <summary>Bits 5 and 6: which drives are set up for DMA. Also clears what an earlier owner left.</summary>
    public void SetCapable(bool drive0, bool drive1)
    {
        _capable = (byte)((drive0 ? BusMasterStatus.Drive0Capable : 0) | (drive1 ? BusMasterStatus.Drive1Capable : 0));
        Stop();
        Acknowledge();
        _tableWritten = false;
    }

    /// <summary>
    /// Describes <paramref name="data"/>, or as much of its start as fits, to the controller: in place where its pages obey the rules,
    /// through the bounce buffer otherwise. Returns the bytes described. <see cref="Release"/> must follow.
    /// </summary>
    public int Prepare(Memory<byte> data, bool toMemory)
    {
        _direction = toMemory ? ToMemoryBit : (byte)0;
        if (data.Length > LongestTransfer)
            data = data[..LongestTransfer];
        _segmentCount = 0;
        IsBounced = false;
        if (TryAdd(data))
            return data.Length;

        if (data.Length > BounceSize)
            data = data[..BounceSize];
        if (!toMemory)
            data.Span.CopyTo(_bounce!.Memory.Span);
        DescribeBounce(data.Length);
        _bounced = toMemory ? data : default;
        return data.Length;
    }

    /// <summary>
    /// Describes more memory, which the same transfer uses after what was prepared. False when that is not possible; what was prepared stands.
    /// </summary>
    public bool TryExtend(Memory<byte> data)
    {
        if (IsBounced || _pinCount == MostPieces)
            return false;
        var before = _segmentCount;
        if (TryAdd(data))
            return true;
        if (!PrdTable.TryWrite(_segments.AsSpan(0, before), _table!.Memory.Span, out _))
            throw new InvalidOperationException("A table that could be written cannot be written again.");
        return false;
    }

    /// <summary>For payloads that the driver makes itself: the start of the bounce buffer, described to the controller as it is.</summary>
    public Span<byte> PrepareOwn(int length)
    {
        _direction = 0;
        DescribeBounce(length);
        _bounced = default;
        return _bounce!.Memory.Span[..length];
    }

    /// <summary>After the transfer: hands bounced data over if it is <paramref name="good"/>, and unpins the caller's memory. The engine is stopped.</summary>
    public void Release(bool good)
    {
        if (!_bounced.IsEmpty)
        {
            if (good)
            {
                _memory.ReadBarrier();
                _bounce!.Memory.Span[.._bounced.Length].CopyTo(_bounced.Span);
            }

            _bounced = default;
        }

        Unpin();
    }

    /// <summary>Before the drive gets its command.</summary>
    public void Arm()
    {
        _memory.WriteBarrier();
        if (_tableWritten && _tableKept)
            return;
        _window.Write32(_offset + TableRegister, _tableAddress);
        _tableWritten = true;
    }

    /// <summary>After the drive got its command.</summary>
    public void Start() => _window.Write8(_offset + CommandRegister, (byte)(_direction | StartBit));

    /// <summary>Ends a transfer, or aborts it: from here on the controller does not touch memory.</summary>
    public void Stop() => _window.Write8(_offset + CommandRegister, _direction);

    /// <summary>Clears the interrupt and error bits.</summary>
    public void Acknowledge() =>
        _window.Write8(_offset + StatusRegister, (byte)(_capable | (byte)(BusMasterStatus.Error | BusMasterStatus.Interrupt)));

    /// <summary>
    /// After the first good transfer: sees whether the table register still holds what was written (the PIIX family and all emulations
    /// do; SFF-8038i does not promise it).
    /// </summary>
    public void LearnWhetherTableIsKept()
    {
        if (_tableChecked)
            return;
        _tableChecked = true;
        _tableKept = _window.Read32(_offset + TableRegister) == _tableAddress;
    }

    public void Dispose()
    {
        Unpin();
        _table?.Dispose();
        _bounce?.Dispose();
    }

    /// <summary>Appends the memory's pages to the table, where they obey the rules.</summary>
    private bool TryAdd(Memory<byte> data)
    {
        if (!_memory.TryMap(data, PrdTable.Constraints, _segments.AsSpan(_segmentCount), out var count, out var pin))
            return false;
        if (!PrdTable.TryWrite(_segments.AsSpan(0, _segmentCount + count), _table!.Memory.Span, out _))
        {
            pin.Dispose();
            return false;
        }

        _segmentCount += count;
        _pins[_pinCount++] = pin;
        return true;
    }

    private void Unpin()
    {
        for (; _pinCount > 0; _pinCount--)
        {
            _pins[_pinCount - 1].Dispose();
            _pins[_pinCount - 1] = default;
        }
    }

    private void DescribeBounce(int length)
    {
        Bounces++;
        IsBounced = true;
        _segments[0] = new DmaSegment(_bounce!.PhysicalAddress, length);
        if (!PrdTable.TryWrite(_segments.AsSpan(0, 1), _table!.Memory.Span, out _))
            throw new InvalidOperationException("The bounce buffer breaks its own constraints.");
    }
}
