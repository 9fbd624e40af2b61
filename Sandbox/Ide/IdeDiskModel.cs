using System.Buffers.Binary;

namespace GuestOS.Sandbox.Ide;

/// <summary>An ATA disk (ATA/ATAPI-6 chapter 8; TRIM from ACS-2).</summary>
public sealed class IdeDiskModel : IdeDriveModel
{
    private const int IdentifySize = 512;
    private readonly IdeDiskOptions _options;
    private ulong _lba;
    private int _blocks;
    private int _multiple;
    private int _goodBlocks;
    private byte _pendingError;
    private Transfer _transfer;

    private enum Transfer
    {
        Identify,
        Read,
        Write,
        Trim,
    }

    internal IdeDiskModel(IdeChannelModel channel, int index, IdeDiskOptions options, BlockImage? image)
        : base(channel, index)
    {
        _options = options;
        Image = image ?? new BlockImage((long)options.BlockCount * options.BlockSize);
        Mode = options.HasSelectedMode ? 0x45 : 0;
        SetSignature();
    }

    /// <summary>What is on it.</summary>
    public BlockImage Image { get; }

    /// <summary>Write commands since the last flush.</summary>
    public int UnflushedWrites { get; private set; }

    /// <summary>Flushes that were carried out.</summary>
    public int Flushes { get; private set; }

    /// <summary>Blocks that were trimmed.</summary>
    public ulong TrimmedBlocks { get; private set; }

    private bool IsExtended => Opcode is 0x24 or 0x25 or 0x29 or 0x34 or 0x35 or 0x39 or 0x06;

    /// <summary>Makes a disk for a channel.</summary>
    public static Func<IdeChannelModel, int, IdeDiskModel> With(IdeDiskOptions options, BlockImage? image = null) =>
        (channel, index) => new IdeDiskModel(channel, index, options, image);

    private protected override bool MayEndShort => _transfer is Transfer.Read or Transfer.Write;

    private protected override void SetSignature()
    {
        Count = 1;
        Lba28 = 1;
        ErrorCode = 1;
        _multiple = 0;
        State = (byte)(Status.Drdy | Status.Dsc);
    }

    private protected override void Execute()
    {
        if (FailsAtOnce())
            return;
        switch (Opcode)
        {
            case 0xEC:
                Identify();
                break;
            case 0x20 or 0x24 or 0xC4 or 0x29 or 0xC8 or 0x25:
                BeginRead();
                break;
            case 0x30 or 0x34 or 0xC5 or 0x39 or 0xCA or 0x35:
                BeginWrite();
                break;
            case 0xC6 when Count == 0 || (Count <= _options.MaximumMultiple && (Count & (Count - 1)) == 0):
                _multiple = Count;
                Complete();
                break;
            case 0xE7:
            case 0xEA when _options.HasLba48:
                UnflushedWrites = 0;
                Flushes++;
                Complete();
                break;
            case 0xEF:
                SetFeatures();
                break;
            case 0x06 when _options.HasTrim && Features == 1:
                _transfer = Transfer.Trim;
                Buffer(Sectors16 * IdentifySize);
                BeginDma(Sectors16 * IdentifySize, toMemory: false);
                break;
            case 0x40 or 0xE5 or 0xE0 or 0xE1:
                Count = 0xFF;
                Complete();
                break;
            default:
                Abort();
                break;
        }
    }

    private protected override int NextBlock() => _transfer switch
    {
        Transfer.Identify => IdentifySize,
        _ => _options.BlockSize * (Opcode is 0xC4 or 0x29 or 0xC5 or 0x39 ? _multiple : 1),
    };

    private protected override void DataMoved()
    {
        switch (_transfer)
        {
            case Transfer.Identify:
                return;
            case Transfer.Write:
                Image.Write((long)_lba * _options.BlockSize, Buffer(_goodBlocks * _options.BlockSize));
                UnflushedWrites++;
                break;
            case Transfer.Trim:
                Trim();
                return;
        }

        if (_pendingError != 0)
        {
            FailAt(_lba + (uint)_goodBlocks, _pendingError);
            return;
        }

        Count = 0;
        SetLba(_lba + (uint)_blocks);
        if (_transfer == Transfer.Write || IsDma)
            Complete();
    }

    private bool IsDma => Opcode is 0xC8 or 0x25 or 0xCA or 0x35;

    private int Sectors8 => Count == 0 ? 256 : Count;

    private int Sectors16 => (CountPrevious << 8 | Count) is 0 ? 65536 : CountPrevious << 8 | Count;

    private void Identify()
    {
        var data = IdentifyBuilder.Disk(_options, _multiple, Mode);
        Faults.EditIdentify?.Invoke(data);
        data.CopyTo(Buffer(IdentifySize));
        _transfer = Transfer.Identify;
        _pendingError = 0;
        BeginPioIn(IdentifySize);
    }

    /// <summary>Reads the parameters; false when the command has failed already.</summary>
    private bool TryLocate()
    {
        var extended = IsExtended;
        _lba = extended ? Lba48 : Lba28;
        _blocks = extended ? Sectors16 : Sectors8;
        _pendingError = 0;
        _goodBlocks = _blocks;
        if ((extended && !_options.HasLba48) || !IsLba || (IsDma && !_options.HasDma) || (Opcode is 0xC4 or 0x29 or 0xC5 or 0x39 && _multiple == 0))
        {
            Abort();
            return false;
        }

        if (_lba >= _options.BlockCount || (uint)_blocks > _options.BlockCount - _lba)
        {
            FailAt(_options.BlockCount, Err.Idnf);
            return false;
        }

        if (Faults.BadBlocks.Count != 0)
        {
            for (var i = 0; i < _blocks; i++)
            {
                if (!Faults.BadBlocks.TryGetValue(_lba + (uint)i, out var error))
                    continue;
                _goodBlocks = i;
                _pendingError = error;
                break;
            }
        }

        return true;
    }

    private void BeginRead()
    {
        if (!TryLocate())
            return;
        _transfer = Transfer.Read;
        if (_pendingError != 0)
        {
            FailAt(_lba + (uint)_goodBlocks, _pendingError);
            return;
        }

        var total = _blocks * _options.BlockSize;
        Image.Read((long)_lba * _options.BlockSize, Buffer(total));
        if (IsDma)
            BeginDma(total, toMemory: true);
        else
            BeginPioIn(total);
    }

    private void BeginWrite()
    {
        if (!TryLocate())
            return;
        _transfer = Transfer.Write;
        var total = _blocks * _options.BlockSize;
        Buffer(total);
        if (IsDma)
            BeginDma(total, toMemory: false);
        else
            BeginPioOut(total);
    }

    private void SetFeatures()
    {
        switch (Features)
        {
            case 0x03 when _options.HasDma && ((Count & 0xF8) is 0x20 or 0x40 or 0x00 or 0x08):
                if ((Count & 0xF8) is 0x20 or 0x40)
                    Mode = Count;
                Complete();
                break;
            case 0x02 or 0x82:
                Complete();
                break;
            default:
                Abort();
                break;
        }
    }

    private void Trim()
    {
        var payload = Buffer(Total);
        for (var offset = 0; offset < payload.Length; offset += 8)
        {
            var entry = BinaryPrimitives.ReadUInt64LittleEndian(payload[offset..]);
            var first = entry & 0xFFFF_FFFF_FFFF;
            var count = entry >> 48;
            if (count == 0)
                continue;
            if (first >= _options.BlockCount || count > _options.BlockCount - first)
            {
                FailAt(first, Err.Idnf);
                return;
            }

            Image.Clear((long)first * _options.BlockSize, (long)count * _options.BlockSize);
            TrimmedBlocks += count;
        }

        Complete();
    }

    private void FailAt(ulong lba, byte error)
    {
        SetLba(lba);
        Fail(error);
    }

    private void SetLba(ulong lba)
    {
        if (IsExtended)
            Lba48 = lba;
        else
            Lba28 = lba;
    }
}
