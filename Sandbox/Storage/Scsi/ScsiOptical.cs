using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Sandbox.Storage.Images;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>A DVD drive (MMC-6): reads one disc of data, or is empty.</summary>
public sealed class ScsiOptical : ScsiUnit
{
    private const int BlockSize = 2048;
    private const int DvdRomProfile = 0x10;
    private readonly byte[] _block = new byte[BlockSize];
    private IDiskImage? _disc;
    private bool _isLocked;

    /// <param name="disc">The disc, or none.</param>
    public ScsiOptical(IDiskImage? disc = null) => _disc = disc;

    /// <summary>The disc; null when the drive is empty.</summary>
    public IDiskImage? Disc => _disc;

    /// <inheritdoc/>
    protected override byte DeviceType => ScsiConstants.OpticalType;

    /// <inheritdoc/>
    protected override bool IsRemovable => true;

    private ulong BlockCount => (ulong)((_disc?.Length ?? 0) / BlockSize);

    /// <summary>Puts another disc in, or none; the next command is told.</summary>
    public void Change(IDiskImage? disc)
    {
        _disc = disc;
        RaiseAttention(SenseData.MediumChanged);
    }

    /// <inheritdoc/>
    protected override void ExecuteOwn(ScsiCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        switch (command.Opcode)
        {
            case ScsiOpcode.PreventAllow:
                _isLocked = (command.Cdb[4] & 1) != 0;
                return;
            case ScsiOpcode.StartStopUnit:
                StartStop(command);
                return;
            case ScsiOpcode.GetConfiguration:
                GetConfiguration(command);
                return;
            case ScsiOpcode.GetEventStatus:
                // Polled; no event, and the media class is there.
                command.Return([0, 6, 4, 0x10, 0, _disc is null ? (byte)0 : (byte)2, 0, 0], command.Word(7));
                return;
            case ScsiOpcode.ModeSense10:
                if ((command.Cdb[2] & 0x3F) is 0x2A or 0x3F)
                    ReturnModes(command, 0, [0x2A, 18, 0x3F, 0, 0, 0, 0x29, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                else
                    command.Reject(SenseData.InvalidField);
                return;
        }

        if (!IsOfDisc(command.Opcode))
            command.Reject(SenseData.InvalidCommand);
        else if (_disc is null)
            command.Fail(SenseData.NoMedium);
        else
            ExecuteOnDisc(command, _disc);
    }

    private static bool IsOfDisc(ScsiOpcode opcode) =>
        opcode is ScsiOpcode.TestUnitReady or ScsiOpcode.ReadCapacity10 or ScsiOpcode.Read10 or ScsiOpcode.Read12 or ScsiOpcode.ReadToc;

    private void ExecuteOnDisc(ScsiCommand command, IDiskImage disc)
    {
        switch (command.Opcode)
        {
            case ScsiOpcode.Read10:
                Read(command, disc, command.DoubleWord(2), (uint)command.Word(7));
                break;
            case ScsiOpcode.Read12:
                Read(command, disc, command.DoubleWord(2), command.DoubleWord(6));
                break;
            case ScsiOpcode.ReadCapacity10:
                var capacity = new byte[8];
                BinaryPrimitives.WriteUInt32BigEndian(capacity, (uint)(BlockCount - 1));
                BinaryPrimitives.WriteUInt32BigEndian(capacity.AsSpan(4), BlockSize);
                command.Return(capacity, capacity.Length);
                break;
            case ScsiOpcode.ReadToc:
                ReadToc(command);
                break;
        }
    }

    private void Read(ScsiCommand command, IDiskImage disc, uint block, uint count)
    {
        if (block > BlockCount || count > BlockCount - block)
        {
            command.Fail(SenseData.OutOfRange);
            return;
        }

        if ((long)count * BlockSize > command.Data.Length)
        {
            command.Overrun();
            return;
        }

        for (uint i = 0; i < count; i++)
        {
            disc.Read((long)(block + i) * BlockSize, _block);
            if (!command.Data.TryWrite((int)i * BlockSize, _block))
            {
                command.End(SrbStatus.InternalError, null);
                return;
            }
        }

        command.Transferred = (int)count * BlockSize;
    }

    /// <summary>One track of data, and the lead-out.</summary>
    private void ReadToc(ScsiCommand command)
    {
        if ((command.Cdb[2] & 0xF) != 0)
        {
            command.Reject(SenseData.InvalidField);
            return;
        }

        var data = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)(data.Length - 2));
        data[2] = data[3] = 1;
        data[5] = 0x14;
        data[6] = 1;
        data[13] = 0x14;
        data[14] = 0xAA;
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(16), (uint)BlockCount);
        command.Return(data, command.Word(7));
    }

    private void StartStop(ScsiCommand command)
    {
        var isEject = (command.Cdb[4] & 3) == 2;
        if (!isEject)
            return;
        if (_isLocked)
            command.Fail(new SenseData(SenseKey.IllegalRequest, 0x53, 2));
        else
            _disc = null;
    }

    private void GetConfiguration(ScsiCommand command)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)(data.Length - 4));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(6), _disc is null ? (ushort)0 : (ushort)DvdRomProfile);
        command.Return(data, command.Word(7));
    }
}
