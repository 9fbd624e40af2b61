using System.Buffers.Binary;
using System.Numerics;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Sandbox.Storage.Images;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>A disk (SBC-3) over an image.</summary>
public sealed class ScsiDisk : ScsiUnit
{
    private const int ChunkSize = 64 * 1024;
    private const byte CachingPage = 0x08;
    private const byte ControlPage = 0x0A;
    private const byte AllPages = 0x3F;
    private readonly byte[] _chunk = new byte[ChunkSize];
    private readonly ScsiDiskOptions _options;

    /// <param name="image">The content.</param>
    /// <param name="options">What it is like.</param>
    public ScsiDisk(IDiskImage image, ScsiDiskOptions? options = null)
    {
        Image = image;
        _options = options ?? new ScsiDiskOptions();
    }

    /// <summary>The content.</summary>
    public IDiskImage Image { get; private set; }

    /// <summary>Logical blocks that cannot be read or written.</summary>
    public HashSet<ulong> BadBlocks { get; } = [];

    /// <summary>Writes since the last flush.</summary>
    public int UnflushedWrites { get; private set; }

    /// <summary>Logical blocks.</summary>
    public ulong BlockCount => (ulong)(Image.Length / _options.BlockSize);

    /// <inheritdoc/>
    protected override byte DeviceType => ScsiConstants.DiskType;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> OwnPages => _options.CanUnmap
        ? [ScsiConstants.VpdBlockLimits, ScsiConstants.VpdCharacteristics, ScsiConstants.VpdProvisioning]
        : [ScsiConstants.VpdCharacteristics];

    /// <summary>Another size, with the content of another image; the next command is told.</summary>
    public void Resize(IDiskImage image)
    {
        Image = image;
        RaiseAttention(SenseData.CapacityChanged);
    }

    /// <inheritdoc/>
    protected override byte[] FindPage(byte page)
    {
        var data = new byte[60];
        switch (page)
        {
            case ScsiConstants.VpdBlockLimits when _options.CanUnmap:
                BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(16), _options.MostUnmapBlocks);
                BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(20), _options.MostUnmapRanges);
                BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(24), 1);
                return data;
            case ScsiConstants.VpdCharacteristics:
                // Not a rotating medium.
                BinaryPrimitives.WriteUInt16BigEndian(data, 1);
                return data;
            case ScsiConstants.VpdProvisioning when _options.CanUnmap:
                // LBPU, LBPWS, LBPWS10, LBPRZ; thin.
                return [0, 0xE4, 2, 0];
            default:
                return [];
        }
    }

    /// <inheritdoc/>
    protected override void ExecuteOwn(ScsiCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var cdb = command.Cdb;
        switch (command.Opcode)
        {
            case ScsiOpcode.TestUnitReady:
            case ScsiOpcode.StartStopUnit:
                break;
            case ScsiOpcode.Read6 or ScsiOpcode.Write6:
                Transfer(command, command.DoubleWord(0) & 0x1F_FFFF, cdb[4] == 0 ? 256u : cdb[4], command.Opcode == ScsiOpcode.Read6);
                break;
            case ScsiOpcode.Read10 or ScsiOpcode.Write10:
                Transfer(command, command.DoubleWord(2), (uint)command.Word(7), command.Opcode == ScsiOpcode.Read10);
                break;
            case ScsiOpcode.Read12 or ScsiOpcode.Write12:
                Transfer(command, command.DoubleWord(2), command.DoubleWord(6), command.Opcode == ScsiOpcode.Read12);
                break;
            case ScsiOpcode.Read16 or ScsiOpcode.Write16:
                Transfer(command, command.QuadWord(2), command.DoubleWord(10), command.Opcode == ScsiOpcode.Read16);
                break;
            case ScsiOpcode.Verify10:
                Verify(command, command.DoubleWord(2), (uint)command.Word(7));
                break;
            case ScsiOpcode.Verify16:
                Verify(command, command.QuadWord(2), command.DoubleWord(10));
                break;
            case ScsiOpcode.SynchronizeCache10 or ScsiOpcode.SynchronizeCache16:
                Image.Flush();
                UnflushedWrites = 0;
                break;
            case ScsiOpcode.ReadCapacity10:
                ReadCapacity10(command);
                break;
            case ScsiOpcode.ServiceActionIn16 when (cdb[1] & 0x1F) == ScsiConstants.ReadCapacity16Action:
                ReadCapacity16(command);
                break;
            case ScsiOpcode.ModeSense6 or ScsiOpcode.ModeSense10:
                SenseModes(command);
                break;
            case ScsiOpcode.WriteSame10:
                WriteSame(command, command.DoubleWord(2), (uint)command.Word(7));
                break;
            case ScsiOpcode.WriteSame16:
                WriteSame(command, command.QuadWord(2), command.DoubleWord(10));
                break;
            case ScsiOpcode.Unmap when _options.CanUnmap:
                Unmap(command);
                break;
            default:
                command.Reject(SenseData.InvalidCommand);
                break;
        }
    }

    /// <summary>Checks a range. False when the command has ended.</summary>
    private bool TryLocate(ScsiCommand command, ulong block, ulong count, bool isWrite)
    {
        if (block > BlockCount || count > BlockCount - block)
        {
            command.Fail(SenseData.OutOfRange);
            return false;
        }

        if (isWrite && _options.IsReadOnly)
        {
            command.Fail(SenseData.WriteProtected);
            return false;
        }

        if (BadBlocks.Count == 0 || !BadBlocks.Any(bad => bad >= block && bad - block < count))
            return true;
        command.Fail(isWrite ? SenseData.UnwritablePlace : SenseData.Unreadable);
        return false;
    }

    private void Transfer(ScsiCommand command, ulong block, uint count, bool isRead)
    {
        if (!TryLocate(command, block, count, !isRead))
            return;
        var length = (long)count * _options.BlockSize;
        if (length > command.Data.Length)
        {
            command.Overrun();
            return;
        }

        var place = (long)block * _options.BlockSize;
        for (var done = 0; done < length; done += ChunkSize)
        {
            var piece = _chunk.AsSpan(0, (int)Math.Min(ChunkSize, length - done));
            if (isRead)
                Image.Read(place + done, piece);
            if (!(isRead ? command.Data.TryWrite(done, piece) : command.Data.TryRead(done, piece)))
            {
                command.End(SrbStatus.InternalError, null);
                return;
            }

            if (!isRead)
                Image.Write(place + done, piece);
        }

        if (!isRead)
            UnflushedWrites++;
        command.Transferred = (int)length;
    }

    private void Verify(ScsiCommand command, ulong block, uint count)
    {
        if ((command.Cdb[1] & 6) != 0)
            command.Reject(SenseData.InvalidField);
        else
            TryLocate(command, block, count, isWrite: false);
    }

    private void ReadCapacity10(ScsiCommand command)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)Math.Min(uint.MaxValue, BlockCount - 1));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4), (uint)_options.BlockSize);
        command.Return(data, data.Length);
    }

    private void ReadCapacity16(ScsiCommand command)
    {
        var data = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(data, BlockCount - 1);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(8), (uint)_options.BlockSize);
        data[13] = (byte)BitOperations.Log2((uint)(_options.PhysicalBlockSize / _options.BlockSize));

        // LBPME and LBPRZ: blocks can be unmapped, and read as zeros then.
        data[14] = _options.CanUnmap ? (byte)0xC0 : (byte)0;
        command.Return(data, command.DoubleWord(10));
    }

    private void SenseModes(ScsiCommand command)
    {
        byte[] caching = [CachingPage, 18, _options.HasWriteCache ? (byte)4 : (byte)0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] control = [ControlPage, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var deviceSpecific = _options.IsReadOnly ? (byte)0x80 : (byte)0;
        switch (command.Cdb[2] & 0x3F)
        {
            case CachingPage:
                ReturnModes(command, deviceSpecific, caching);
                break;
            case ControlPage:
                ReturnModes(command, deviceSpecific, control);
                break;
            case AllPages:
                ReturnModes(command, deviceSpecific, [.. caching, .. control]);
                break;
            default:
                command.Reject(SenseData.InvalidField);
                break;
        }
    }

    private void WriteSame(ScsiCommand command, ulong block, uint count)
    {
        if (!TryLocate(command, block, count, isWrite: true))
            return;
        ulong blocks = count == 0 ? BlockCount - block : count;
        var isUnmap = (command.Cdb[1] & 8) != 0;
        if (isUnmap && !_options.CanUnmap)
        {
            command.Reject(SenseData.InvalidField);
            return;
        }

        var pattern = new byte[_options.BlockSize];
        if (command.Data.Length < pattern.Length || !command.Data.TryRead(0, pattern))
        {
            command.Overrun();
            return;
        }

        if (!pattern.AsSpan().ContainsAnyExcept((byte)0))
        {
            Image.Clear((long)block * _options.BlockSize, (long)blocks * _options.BlockSize);
        }
        else
        {
            for (ulong i = 0; i < blocks; i++)
                Image.Write((long)(block + i) * _options.BlockSize, pattern);
        }

        UnflushedWrites++;
        command.Transferred = pattern.Length;
    }

    private void Unmap(ScsiCommand command)
    {
        var length = Math.Min(command.Word(7), command.Data.Length);
        var list = new byte[length];
        if (!command.Data.TryRead(0, list))
        {
            command.End(SrbStatus.InternalError, null);
            return;
        }

        var descriptors = length < 8 ? 0 : Math.Min(BinaryPrimitives.ReadUInt16BigEndian(list.AsSpan(2)), length - 8) / 16;
        if ((uint)descriptors > _options.MostUnmapRanges)
        {
            command.Fail(SenseData.InvalidParameter);
            return;
        }

        // All are checked before the first is carried out.
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < descriptors; i++)
            {
                var descriptor = list.AsSpan(8 + (i * 16));
                var block = BinaryPrimitives.ReadUInt64BigEndian(descriptor);
                var count = BinaryPrimitives.ReadUInt32BigEndian(descriptor[8..]);
                if (pass == 0 && count > _options.MostUnmapBlocks)
                {
                    command.Fail(SenseData.InvalidParameter);
                    return;
                }

                if (pass == 0 && !TryLocate(command, block, count, isWrite: true))
                    return;
                if (pass == 1)
                    Image.Clear((long)block * _options.BlockSize, (long)count * _options.BlockSize);
            }
        }

        UnflushedWrites++;
        command.Transferred = length;
    }
}
